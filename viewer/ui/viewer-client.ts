import type { Emitter } from '../../protocol/emitter.ts';
import type { KeyPair } from '../../protocol/identity.ts';
import type { DeviceLink } from '../../protocol/link.ts';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import type { PortholeClientEvents } from '../client/porthole-client.ts';
import type { ShownFrame } from '../client/shown-frame.ts';
import type { SessionInfo } from '../client/viewer-session.ts';
import type { ViewerStatus } from '../client/viewer-status.ts';
import { describeBrowser } from './browser-label.ts';
import { IndexedDbKeyStore } from './indexed-db-key-store.ts';
import { LocalStorageKeyStore, loadViewerKeys } from './viewer-key-store.ts';

/** What the page needs of a client. */
export interface ViewerClient {
  readonly events: Pick<Emitter<PortholeClientEvents>, 'on'>;
  readonly status: ViewerStatus;
  readonly session: SessionInfo | null;
  connect(): void;
  disconnect(): Promise<void>;
  call(method: string, params?: object): Promise<unknown>;
  setQuality(quality: VideoQuality): Promise<void>;
  /** Whether the device sends its sound, in this session and in those that come. */
  setListening(isListening: boolean): Promise<void>;
  /** Turns the first video line to another camera. */
  selectCamera(camera: string): Promise<void>;
  startTalk(): Promise<void>;
  stopTalk(): Promise<void>;
  /** Told of each frame of a stream that is on the screen. */
  handleFrame(stream: MediaStream, frame: ShownFrame): void;
}

export interface OpenClientOptions {
  link: DeviceLink;
  /** The cameras to show; with none, the device's first. */
  cameras: readonly string[];
  /** What to begin with. */
  quality: VideoQuality;
}

export type OpenClient = (options: OpenClientOptions) => Promise<ViewerClient>;

/**
 * A client that knows the device by its link and is known by this browser's key pair. The MQTT library and the cryptography come
 * with it, only now, so that the page can paint before they are there.
 */
export const openPortholeClient: OpenClient = async ({ link, cameras, quality }) => {
  const [{ PortholeClient }, { browserPlatform }, keys] = await Promise.all([
    import('../client/porthole-client.ts'),
    import('../client/browser-platform.ts'),
    loadBrowserKeys(),
  ]);
  return new PortholeClient({
    link,
    keys,
    platform: browserPlatform,
    label: describeBrowser(navigator),
    cameras: cameras.length > 0 ? [...cameras] : undefined,
    quality,
  });
};

function loadBrowserKeys(): Promise<KeyPair> {
  return loadViewerKeys({
    stores: [new IndexedDbKeyStore(() => indexedDB), new LocalStorageKeyStore(() => localStorage)],
    generate: async () => (await import('../../protocol/noble-diffie-hellman.ts')).nobleDiffieHellman.generateKeyPair(),
  });
}
