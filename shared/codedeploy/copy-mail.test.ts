import { copyDeletedMail, copyKeptMail } from './copy-mail';

const DEPLOYMENT = {
  id: 'd-1',
  application: 'shop',
  deploymentGroup: 'shop-web',
  status: 'Failed',
  endedAt: new Date('2030-01-01T00:00:00Z'),
} as never;
const COPY = { name: 'CodeDeploy_shop-web_d-1', instances: [{ id: 'i-1' }] } as never;

test('the deletion of a copy that may serve is no line that is run along with the others', () => {
  const seen = { listing: [{ name: 'web' }], healthyOn: ['web'], healthyInstances: 1 } as never;
  const keeping = { reason: 'it may serve', nextStep: 'Do not delete it now.', seen };
  expect(copyKeptMail(DEPLOYMENT, COPY, keeping).body).not.toMatch(/^ +aws .*delete-auto-scaling-group/m);
  const unseen = { reason: 'nobody knows', nextStep: 'Delete it when it is not needed any more.' };
  expect(copyKeptMail(DEPLOYMENT, COPY, unseen).body).toMatch(/^ +aws .*delete-auto-scaling-group/m);
});

test('the mail of a copy that is deleted says that who serves was not looked at, and what shows it', () => {
  const { body } = copyDeletedMail(DEPLOYMENT, COPY);
  expect(body).toMatch(/Users\n.* Who serves was not looked at; to see it, run what stands below, /);
  expect(body).toMatch(/To see who serves\n {2}aws deploy get-deployment-group --application-name shop /);
});
