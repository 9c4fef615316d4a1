import { html, nothing } from 'lit';
import type { CameraInfo } from '../../protocol/messages.ts';
import type { QualityChange } from './quality-log.ts';
import { describeReason, renditionName } from './quality-words.ts';

/** When the device has begun to send another rendition, from which to which, and why; newest first. */
export function renderQualityHistory(changes: readonly QualityChange[], cameras: readonly CameraInfo[]) {
  const isOfSeveral = new Set(changes.map(({ camera }) => camera)).size > 1;
  const nameOf = (camera: string) => cameras.find(({ id }) => id === camera)?.name ?? camera;
  return html`<section aria-labelledby="quality">
    <h3 id="quality">Changes of quality</h3>
    ${
      changes.length === 0
        ? html`<p class="soft">None yet.</p>`
        : html`<ol>${changes.map((change) => renderChange(change, isOfSeveral ? nameOf(change.camera) : null))}</ol>`
    }
  </section>`;
}

function renderChange(change: QualityChange, camera: string | null) {
  const { atMs, from, rendition } = change;
  const time = new Date(atMs);
  return html`<li>
    <time datetime=${time.toISOString()}>${clockText(time)}</time>
    <div>
      ${from === null ? nothing : html`${renditionName(from)} <span class="soft" aria-label="to">→</span> `}${renditionName(rendition)}
      <small class="soft">${[camera, describeReason(change)].filter(Boolean).join(' · ')}</small>
    </div>
  </li>`;
}

/** Hours, minutes and seconds of this place, as 24 hours: of one width. */
export function clockText(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
