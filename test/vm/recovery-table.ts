interface Recovery {
  event: string;
  tookMs: number;
  boundMs: number;
}

/** What each fault cost, as the end of a run shows it. */
export class RecoveryTable {
  private readonly rows: Recovery[] = [];

  add(event: string, tookMs: number, boundMs: number): void {
    this.rows.push({ event, tookMs, boundMs });
  }

  format(): string {
    const cells = this.rows.map(({ event, tookMs, boundMs }) => [event, seconds(tookMs), seconds(boundMs)]);
    const table = [['event', 'took', 'bound'], ...cells];
    const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
    return table
      .map(([event = '', took = '', bound = '']) =>
        [event.padEnd(widths[0] ?? 0), took.padStart(widths[1] ?? 0), bound.padStart(widths[2] ?? 0)].join('  '),
      )
      .join('\n');
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
