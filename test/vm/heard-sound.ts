import type { BrowserContext } from 'playwright-core';
import type { ViewerPage } from '../helpers/e2e/browser.ts';

/** Makes the connections of a browser's pages readable, which the element keeps to itself. */
export async function exposeConnections(browser: BrowserContext): Promise<void> {
  await browser.addInitScript(() => {
    const connections: RTCPeerConnection[] = [];
    Object.assign(globalThis, { connections });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        connections.push(this);
      }
    };
  });
}

/** Energy of the sound that the browser has received so far: it grows with each moment that is not silent. */
export function heardEnergy(viewer: ViewerPage): Promise<number> {
  return viewer.page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const report = await connections.at(-1)?.getStats();
    const entries = [...((report ?? new Map()) as Map<string, RTCInboundRtpStreamStats>).values()];
    return entries.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio')?.totalAudioEnergy ?? 0;
  });
}
