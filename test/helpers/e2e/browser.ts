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

/** What makes Chromium hear a beep each second, and lets every page hear it. */
export const fakeMicrophone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

const clockCell = 1 / testPatternClock.cellsPerWidth;
const aspect = 16 / 9;
/** Where the clock of the test pattern is, in fractions of the picture. */
const clockRegion = {
  x: 0,
  y: 1 - 0.6 * clockCell * aspect,
  width: testPatternClock.bits * clockCell,
  height: 0.2 * clockCell * aspect,
};

/** A browser with a profile of its own, and so with a viewer identity of its own. */
export async function openBrowser(moreArgs: readonly string[] = []): Promise<BrowserContext> {
  const profile = await mkdtemp(join(tmpdir(), 'porthole-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...args, ...moreArgs],
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
  read<Value, Argument = undefined>(
    run: (view: PortholeView, argument: Argument) => Value | Promise<Value>,
    ...[argument]: Argument extends undefined ? [] : [Argument]
  ): Promise<Value> {
    const element = this.page.locator('porthole-view');
    return element.evaluate(run as (view: Element, argument: unknown) => Value | Promise<Value>, argument);
  }

  async untilState(state: ViewerState, timeoutMs = 15_000): Promise<void> {
    await waitFor(
      async () => (await this.read((view) => view.state)) === state,
      timeoutMs,
      async () => {
        const is = await this.read((view) => view.state);
        return `${state}, but ${is}: ${await this.stateLine()} ${this.problems.join('; ')}`;
      },
    );
  }

  /** The sentence on the page that says what is happening. */
  async stateLine(): Promise<string> {
    return (await this.page.locator('porthole-state-line p').textContent()) ?? '';
  }

  /**
   * A region of the picture, in fractions of its size, as `columns` x 1 pixels of red, green, blue and alpha; null before
   * there is a picture.
   *
   * @param line which of several pictures, from 0 on
   */
  pixels(
    region: { x: number; y: number; width: number; height: number },
    columns: number,
    line = 0,
  ): Promise<number[] | null> {
    return this.page
      .locator('porthole-view video')
      .nth(line)
      .evaluate(
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

  /** Whether the middle of the picture has this colour, as red, green and blue. */
  async shows(rgb: readonly number[], line = 0): Promise<boolean> {
    const pixel = await this.pixels({ x: 0.4, y: 0.4, width: 0.2, height: 0.2 }, 1, line);
    return pixel !== null && rgb.every((value, channel) => Math.abs((pixel[channel] ?? 0) - value) < 40);
  }

  /** The milliseconds of the device's wall clock that the test pattern shows, modulo 65536; null before there is a picture. */
  async clock(): Promise<number | null> {
    const row = await this.pixels(clockRegion, testPatternClock.bits);
    return (
      row &&
      Array.from({ length: testPatternClock.bits }, (_, bit) => bit).reduce(
        (value, bit) => 2 * value + ((row[4 * bit] ?? 0) > 127 ? 1 : 0),
        0,
      )
    );
  }

  /** How old each picture of the next milliseconds is when the browser shows it, by the clock in it and the wall clock here. */
  pictureAges(durationMs: number): Promise<number[]> {
    return this.page.locator('porthole-view video').evaluate(
      async (element, { region, bits, durationMs }) => {
        const video = element as HTMLVideoElement;
        const context = new OffscreenCanvas(bits, 1).getContext('2d', { willReadFrequently: true });
        if (!context) throw new Error('no canvas');
        context.imageSmoothingEnabled = false;
        const ages: number[] = [];
        const endMs = performance.now() + durationMs;
        const originMs = Date.now() - performance.now();
        while (performance.now() < endMs) {
          const shownAtMs = await new Promise<number>((resolve) =>
            video.requestVideoFrameCallback((_, { expectedDisplayTime }) => resolve(originMs + expectedDisplayTime)),
          );
          const { videoWidth: w, videoHeight: h } = video;
          context.drawImage(video, region.x * w, region.y * h, region.width * w, region.height * h, 0, 0, bits, 1);
          const row = context.getImageData(0, 0, bits, 1).data;
          let clock = 0;
          for (let bit = 0; bit < bits; bit += 1) clock = 2 * clock + ((row[4 * bit] ?? 0) > 127 ? 1 : 0);
          const modulo = 2 ** bits;
          ages.push((((shownAtMs - clock) % modulo) + modulo) % modulo);
        }
        return ages;
      },
      { region: clockRegion, bits: testPatternClock.bits, durationMs },
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
