import { html, nothing } from 'lit';
import type { CameraInfo } from '../../protocol/messages.ts';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import './choice-menu.ts';
import type { Choice } from './choice-menu.ts';
import { describeQuality, renditionName, type SentQuality } from './quality-words.ts';
import { viewKeyLetters } from './view-keys.ts';

const qualities: readonly Choice[] = [
  { value: 'auto', label: 'Auto', detail: 'As large as the path carries' },
  { value: 'top', label: renditionName('top') },
  { value: 'half', label: renditionName('half') },
  { value: 'quarter', label: renditionName('quarter') },
];

export function renderQualityMenu(options: {
  quality: VideoQuality;
  /** Null before the device has said what it sends. */
  sent: SentQuality | null;
  onChoose(quality: VideoQuality): void;
}) {
  const { quality, sent } = options;
  return html`<porthole-choice-menu class="quality" name="Picture quality" shortcut=${viewKeyLetters.quality}
    .label=${qualityLabel(quality, sent)} .heading=${sent ? describeQuality(sent) : ''} .choices=${qualities} .value=${quality}
    ?warn=${sent !== null && isLessThanChosen(quality, sent)}
    @choose=${(event: CustomEvent<VideoQuality>) => options.onChoose(event.detail)}></porthole-choice-menu>`;
}

/** What is chosen, and what comes of it where that is something else. */
export function qualityLabel(quality: VideoQuality, sent: SentQuality | null): string {
  const chosen = quality === 'auto' ? 'Auto' : renditionName(quality);
  return sent && isLessThanChosen(quality, sent)
    ? `${chosen} · ${renditionName(sent.rendition).toLowerCase()}`
    : chosen;
}

function isLessThanChosen(quality: VideoQuality, { rendition }: SentQuality): boolean {
  // Where VP8 is sent there is nothing else.
  return rendition !== 'vp8' && rendition !== (quality === 'auto' ? 'top' : quality);
}

/** The entry that shows all cameras, or only the large one of them again. No camera has an empty id. */
const others = '';

export function renderCameraMenu(options: {
  cameras: readonly CameraInfo[];
  /** Id of the camera in the large picture. */
  camera: string;
  isGrid: boolean;
  onCamera(camera: string): void;
  onGrid(isGrid: boolean): void;
}) {
  const { cameras, camera, isGrid } = options;
  if (cameras.length < 2) return nothing;
  const choices = cameras.map(({ id, name }) => ({ value: id, label: name }));
  const { id: value = camera, name = camera } = cameras.find(({ id }) => id === camera) ?? cameras[0] ?? {};
  return html`<porthole-choice-menu class="cameras" name="Camera" .label=${name} .value=${value}
    .choices=${[...choices, { value: others, label: isGrid ? `Only ${name}` : 'All cameras' }]}
    @choose=${({ detail }: CustomEvent<string>) => (detail === others ? options.onGrid(!isGrid) : options.onCamera(detail))}
  ></porthole-choice-menu>`;
}
