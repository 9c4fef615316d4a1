/** Closes all parts at once, whichever of them fails. @throws the first error, once all are done */
export async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  const outcomes = await Promise.allSettled(parts.map((part) => part.close()));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
