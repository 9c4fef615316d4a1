import { html, nothing } from 'lit';
import { glyphs } from './glyphs.ts';
import type { PictureWall } from './picture-wall.ts';
import { viewKeyLetters } from './view-keys.ts';

/** The sound of the device: off until somebody asks for it, as browsers and neighbours want it. */
export function renderSoundControl(wall: PictureWall) {
  const { isMuted, volume } = wall;
  const label = isMuted ? 'Sound on' : 'Sound off';
  return html`<span class="sound">
    <button class="plain icon" aria-label=${label} title="${label} (${viewKeyLetters.mute})" aria-keyshortcuts=${viewKeyLetters.mute}
      @click=${() => {
        wall.isMuted = !isMuted;
      }}>${isMuted ? glyphs.soundOff : glyphs.sound}</button>
    ${
      isMuted
        ? nothing
        : html`<input type="range" aria-label="Volume" title="Volume" min="0" max="1" step="0.05" .value=${String(volume)}
            @input=${(event: Event) => {
              wall.volume = Number((event.target as HTMLInputElement).value);
            }} />`
    }
  </span>`;
}
