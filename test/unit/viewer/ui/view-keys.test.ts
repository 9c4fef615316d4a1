import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readViewKey, ViewKeys } from '../../../../viewer/ui/view-keys.ts';

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  code: `Key${key.toUpperCase()}`,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...more,
});

describe('the keys of a view', () => {
  it('are letters, in either case', () => {
    expect(['m', 'T', 'f', 'Q', 'x'].map((key) => readViewKey(press(key)))).toEqual([
      'mute',
      'talk',
      'fullscreen',
      'quality',
      null,
    ]);
  });

  it('are read by the letter where there is one, else by the place of the key', () => {
    expect(readViewKey(press('m', { code: 'Semicolon' }))).toBe('mute');
    expect(readViewKey(press('ь', { code: 'KeyM' }))).toBe('mute');
    expect(readViewKey(press('a', { code: 'KeyQ' }))).toBeNull();
    expect(readViewKey(press('Tab', { code: 'Tab' }))).toBeNull();
  });

  it('leave the shortcuts of the browser alone', () => {
    for (const held of ['ctrlKey', 'altKey', 'metaKey']) expect(readViewKey(press('f', { [held]: true }))).toBeNull();
  });
});

/** As much of an element as the listener looks at. */
class StubElement extends EventTarget {
  private readonly tag: string;
  constructor(tag: string) {
    super();
    this.tag = tag;
  }
  matches(selector: string): boolean {
    return selector.split(', ').some((part) => part.split(':')[0] === this.tag);
  }
}

describe('ViewKeys', () => {
  let down: string[];
  let talkUps: number;
  let isGlobal: boolean;
  let keys: ViewKeys;
  const page = new EventTarget();
  const host = new StubElement('porthole-view');

  const fire = (type: string, key: string, path: StubElement[], more: Partial<KeyboardEvent> = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), press(key), { repeat: false }, more);
    event.composedPath = () => path;
    document.dispatchEvent(event);
    return event;
  };

  beforeEach(() => {
    vi.stubGlobal('document', new EventTarget());
    vi.stubGlobal('Element', StubElement);
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    down = [];
    talkUps = 0;
    isGlobal = false;
    keys = new ViewKeys({
      host: host as unknown as HTMLElement,
      isGlobal: () => isGlobal,
      onDown: (key) => down.push(key),
      onTalkUp: () => {
        talkUps += 1;
      },
    });
    keys.open();
  });

  afterEach(() => {
    keys.close();
    vi.unstubAllGlobals();
  });

  it('count within the view, and elsewhere only where they are global', () => {
    const body = new StubElement('body');
    fire('keydown', 'm', [body]);
    expect(down).toEqual([]);
    fire('keydown', 'm', [new StubElement('button'), host, body]);
    isGlobal = true;
    fire('keydown', 'f', [body]);
    expect(down).toEqual(['mute', 'fullscreen']);
  });

  it('are text in a field, and none of ours in a dialog', () => {
    isGlobal = true;
    fire('keydown', 'm', [new StubElement('input'), host]);
    fire('keydown', 'm', [new StubElement('button'), new StubElement('dialog')]);
    expect(down).toEqual([]);
  });

  it('talk from the press to the release, whatever the letter has become by then', () => {
    fire('keydown', 'T', [host]);
    expect(fire('keydown', 'T', [host], { repeat: true }).defaultPrevented).toBe(true);
    fire('keyup', 'm', [host]);
    expect([down, talkUps]).toEqual([['talk'], 0]);
    fire('keyup', 't', [new StubElement('input')]);
    expect(talkUps).toBe(1);
  });

  it('stop talking when the window loses the keyboard', () => {
    fire('keydown', 't', [host]);
    page.dispatchEvent(new Event('blur'));
    fire('keyup', 't', [host]);
    expect(talkUps).toBe(1);
  });

  it('are silent after they were closed', () => {
    fire('keydown', 't', [host]);
    keys.close();
    fire('keydown', 'm', [host]);
    expect([down, talkUps]).toEqual([['talk'], 1]);
  });
});
