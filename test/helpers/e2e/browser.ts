import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { testPatternClock } from '../../../agent/camera/test-pattern.ts';
import type { ViewerState } from '../../../viewer/client/viewer-status.ts';
import type { PortholeView } from '../../../viewer/ui/porthole-view.ts';
import { onTestEnd, waitFor } from './command.ts';

const executablePath = '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** A browser with a profile of its own, and so with a viewer identity of its own. */
export async function openBrowser(): Promise<BrowserContext> {
  const profile = await mkdtemp(join(tmpdir(), 'porthole-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args,
    viewport: { width: 1280, height: 800 },
  });
  onTestEnd(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return context;
}

/** The viewer page, seen from a test. */
export class ViewerPage {
  readonly page: Page;
  /** What the page complained about; a test may look that it is nothing. */
  readonly problems: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => message.type() === 'error' && this.problems.push(message.text()));
    page.on('pageerror', (error) => this.problems.push(String(error)));
  }

  static async open(context: BrowserContext, link: string): Promise<ViewerPage> {
    const viewer = new ViewerPage(await context.newPage());
    await viewer.page.goto(link);
    return viewer;
  }

  /** Runs a function on the element `<porthole-view>`, once it is there. */
  read<Value>(run: (view: PortholeView) => Value | Promise<Value>): Promise<Value> {
    return this.page.locator('porthole-view').evaluate(run as (view: Element) => Value | Promise<Value>);
  }

  async untilState(state: ViewerState, timeoutMs = 15_000): Promise<void> {
    await waitFor(
      async () => (await this.read((view) => view.state)) === state,
      timeoutMs,
      () => `${state}; ${this.problems.join('; ')}`,
    );
  }

  /** The sentence on the page that says what is happening. */
  async stateLine(): Promise<string> {
    return (await this.page.locator('porthole-state-line p').textContent()) ?? '';
  }

  /**
   * A region of the picture, in fractions of its size, as `columns` x 1 pixels of red, green, blue and alpha; null before
   * there is a picture.
   */
  pixels(region: { x: number; y: number; width: number; height: number }, columns: number): Promise<number[] | null> {
    return this.page.locator('porthole-view video').evaluate(
      (element, [{ x, y, width, height }, count]) => {
        const video = element as HTMLVideoElement;
        const { videoWidth: w, videoHeight: h } = video;
        const context = new OffscreenCanvas(count, 1).getContext('2d');
        if (!context || w === 0) return null;
        context.imageSmoothingEnabled = false;
        context.drawImage(video, x * w, y * h, width * w, height * h, 0, 0, count, 1);
        return [...context.getImageData(0, 0, count, 1).data];
      },
      [region, columns] as const,
    );
  }

  /** The milliseconds of the device's wall clock that the test pattern shows, modulo 65536; null before there is a picture. */
  async clock(): Promise<number | null> {
    const { bits, cellsPerWidth } = testPatternClock;
    const cell = 1 / cellsPerWidth;
    const aspect = 16 / 9;
    const row = await this.pixels(
      { x: 0, y: 1 - 0.6 * cell * aspect, width: bits * cell, height: 0.2 * cell * aspect },
      bits,
    );
    if (!row) return null;
    return Array.from({ length: bits }, (_, bit) => ((row[4 * bit] ?? 0) > 127 ? 1 : 0)).reduce<number>(
      (value, bit) => 2 * value + bit,
      0,
    );
  }

  /** Resolves when the clock has moved on by so many milliseconds, through five pictures at least. @returns how long that took, in ms */
  async untilMoved(movedMs: number, timeoutMs = 10_000): Promise<number> {
    const from = await waitFor(async () => (await this.clock()) ?? undefined, timeoutMs);
    const startedAtMs = performance.now();
    const seen = new Set<number>();
    await waitFor(async () => {
      const reading = (await this.clock()) ?? from;
      seen.add(reading);
      return seen.size >= 5 && (reading - from + 65_536) % 65_536 >= movedMs;
    }, timeoutMs);
    return performance.now() - startedAtMs;
  }
}
