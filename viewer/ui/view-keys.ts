export type ViewKey = 'mute' | 'talk' | 'fullscreen' | 'quality';

/** The letter of each key, which stands in titles too. */
export const viewKeyLetters: Readonly<Record<ViewKey, string>> = {
  mute: 'm',
  talk: 't',
  fullscreen: 'f',
  quality: 'q',
};

const viewKeys = new Map(Object.entries(viewKeyLetters).map(([key, letter]) => [letter, key as ViewKey]));

/** Where letters are text. A slider and a checkbox have no use for them. */
const typing = 'input:not([type="range"], [type="checkbox"]), select, textarea, [contenteditable]';

type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'metaKey'>;

/** What a key means for a view; null for nothing. Keyboards without Latin letters are read by the place of the key. */
export function readViewKey({ key, code, ctrlKey, altKey, metaKey }: KeyPress): ViewKey | null {
  if (ctrlKey || altKey || metaKey) return null;
  const isLatin = /^[a-z]$/i.test(key);
  const letter = isLatin ? key : key.length === 1 ? code.replace('Key', '') : '';
  return viewKeys.get(letter.toLowerCase()) ?? null;
}

/** Listens for the keys of a view. */
export class ViewKeys {
  private readonly options: {
    host: HTMLElement;
    /** Whether keys count wherever the focus is, not in the view alone. */
    isGlobal(): boolean;
    onDown(key: ViewKey): void;
    /** `talk` was let go, or nobody can tell any more whether it still is held. */
    onTalkUp(): void;
  };
  /** Place of the talk key that is held down. */
  private talkCode: string | null = null;

  constructor(options: ViewKeys['options']) {
    this.options = options;
  }

  open(): void {
    document.addEventListener('keydown', this.handleDown);
    document.addEventListener('keyup', this.handleUp);
    addEventListener('blur', this.handleBlur);
  }

  close(): void {
    document.removeEventListener('keydown', this.handleDown);
    document.removeEventListener('keyup', this.handleUp);
    removeEventListener('blur', this.handleBlur);
    this.handleBlur();
  }

  private readonly handleDown = (event: KeyboardEvent): void => {
    const key = readViewKey(event);
    if (key === null || event.defaultPrevented || !this.isForUs(event.composedPath())) return;
    event.preventDefault();
    if (event.repeat) return;
    if (key === 'talk') this.talkCode = event.code;
    this.options.onDown(key);
  };

  private readonly handleUp = ({ code }: KeyboardEvent): void => {
    // By its place, because letting go of Shift first makes another letter of it.
    if (code === this.talkCode) this.handleBlur();
  };

  private readonly handleBlur = (): void => {
    if (this.talkCode === null) return;
    this.talkCode = null;
    this.options.onTalkUp();
  };

  private isForUs(path: EventTarget[]): boolean {
    const elements = path.filter((target) => target instanceof Element);
    if (elements[0]?.matches(typing)) return false;
    if (elements.includes(this.options.host)) return true;
    return this.options.isGlobal() && !elements.some((element) => element.matches('dialog'));
  }
}
