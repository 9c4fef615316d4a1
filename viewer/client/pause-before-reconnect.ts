import type { PeerPlatform } from './peer-platform.ts';
import type { SignalingPort } from './signaling-port.ts';

/** Waits before the next attempt; less when the network or the device has just come back, or the signal is aborted. */
export function pauseBeforeReconnect(options: {
  delayMs: number;
  platform: Pick<PeerPlatform, 'onNetworkUp'>;
  signaling: Pick<SignalingPort, 'onStatus'>;
  signal: AbortSignal;
}): Promise<void> {
  const { delayMs, platform, signaling, signal } = options;
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      stopNetwork();
      stopStatus();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    const stopNetwork = platform.onNetworkUp(finish);
    const stopStatus = signaling.onStatus((status) => status.online && finish());
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}
