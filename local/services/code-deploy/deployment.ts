/** A deployment of CodeDeploy. */
import type * as sdk from '@aws-sdk/client-codedeploy';

/** As GetDeployment answers it. */
export type Deployment = sdk.DeploymentInfo & { deploymentId: string; status: sdk.DeploymentStatus; createTime: Date };
