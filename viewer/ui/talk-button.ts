import { html, nothing } from 'lit';
import { glyphs } from './glyphs.ts';
import type { PressToTalk } from './press-to-talk.ts';
import type { TalkState, TalkSwitch } from './talk-switch.ts';
import { viewKeyLetters } from './view-keys.ts';

const words: Record<TalkState, string> = {
  off: '',
  asking: 'Asking…',
  talking: 'Talking',
  taken: '',
  denied: 'Not allowed',
};

const letter = viewKeyLetters.talk;

/** The microphone: held, or tapped on and off. Beside its glyph it says whatever is not plainly off, and who else talks. */
export function renderTalkButton({ talk, press }: { talk: TalkSwitch; press: PressToTalk }) {
  const { state, message } = talk;
  const word = state === 'taken' ? message.replace(/\.$/, '') : words[state];
  const label = state === 'talking' ? 'Stop talking' : 'Talk through the loudspeaker of the device';
  const title =
    message || (state === 'talking' ? `Stop talking (${letter})` : `Talk: hold, or tap to keep it on (hold ${letter})`);
  return html`<button class="plain icon talk" data-talk=${state} aria-label=${message ? `${label}. ${message}` : label} title=${title}
    aria-pressed=${talk.isOn} aria-keyshortcuts=${letter}
    @pointerdown=${(event: PointerEvent) => handlePress(event, press)} @pointerup=${() => press.release()}
    @pointercancel=${() => press.cancel()} @contextmenu=${(event: Event) => event.preventDefault()}
    @click=${(event: MouseEvent) => handleClick(event, press)}>
    ${state === 'denied' || state === 'taken' ? glyphs.microphoneOff : glyphs.microphone}
    ${word ? html`<span>${word}</span>` : nothing}
  </button>`;
}

function handlePress(event: PointerEvent, press: PressToTalk): void {
  if (event.button !== 0) return;
  // So that letting go counts wherever the pointer has slipped to.
  (event.currentTarget as Element).setPointerCapture(event.pointerId);
  press.press();
}

/** A click that no pointer has made comes from the keyboard or from an assistive technology. */
function handleClick({ detail }: MouseEvent, press: PressToTalk): void {
  if (detail === 0) press.toggle();
}
