/** What is kept of completed deployments, for operators and for whoever asks what served before. */

/** One object per completed deployment; the keys of a task sort by time. */
export function historyKey({ task, deploymentId }: { task: string; deploymentId: string }): string {
  return `history/${encodeURIComponent(task)}/${deploymentId}.json`;
}
