/** The worker's side of `request`: answers what the benchmark asks, and ends with it. */
export function answerRequests<Request>(handle: (request: Request) => Promise<unknown>): void {
  process.on('message', async ({ id, body }: { id: number; body: Request }) => {
    try {
      process.send?.({ id, answer: (await handle(body)) ?? null });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}
