import { nearest } from './nearest';

test.each([
  ['WSA', 'WAS'],
  ['was', 'WAS'],
  ['deplyo', 'deploy'],
  ['apl.war', 'app.war'],
  ['2.7.1', '2.7.0'],
  ['drop', 'drop-pending'],
  ['stick', 'stack'],
])('%s is near %s', (typed, meant) => {
  expect(nearest(typed, ['something else', meant])).toBe(`Did you mean ${meant}? `);
});

test.each([
  ['9', '2.7.0'],
  ['9', '2'],
  ['foo.war', 'app.war'],
  ['nope', 'WAS'],
])('%s is not near %s', (typed, known) => {
  expect(nearest(typed, [known])).toBe('');
});

test('the nearest of several is named', () => {
  expect(nearest('2.4.11', ['2.4.0', '2.4.1'])).toBe('Did you mean 2.4.1? ');
});
