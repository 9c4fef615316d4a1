import { beforeEach, describe, expect, it } from 'vitest';
import { RpcError } from '../../../../protocol/rpc.ts';
import { PressToTalk } from '../../../../viewer/ui/press-to-talk.ts';
import { TalkSwitch } from '../../../../viewer/ui/talk-switch.ts';

/** The device and the microphone behind the switch: answers when the test says so. */
class FakeTalkPort {
  readonly calls: string[] = [];
  /** What the device does at once when it hears of the end. */
  onStop = () => {};
  private settle: { resolve(): void; reject(error: unknown): void }[] = [];

  start(): Promise<void> {
    this.calls.push('start');
    return new Promise((resolve, reject) => this.settle.push({ resolve, reject }));
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
    this.onStop();
    throw new RpcError('unavailable', 'You do not hold the floor.');
  }

  async grant(): Promise<void> {
    this.settle.shift()?.resolve();
    await turn();
  }

  async refuse(error: unknown): Promise<void> {
    this.settle.shift()?.reject(error);
    await turn();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

let port: FakeTalkPort;
let talk: TalkSwitch;
let states: string[];

beforeEach(() => {
  port = new FakeTalkPort();
  states = [];
  talk = new TalkSwitch({ port, onChange: () => states.push(talk.state) });
});

describe('TalkSwitch', () => {
  it('asks, talks, and stops', async () => {
    void talk.begin();
    await port.grant();
    expect(talk.isOn).toBe(true);
    talk.end();
    expect(states).toEqual(['asking', 'talking', 'off']);
    expect(port.calls).toEqual(['start', 'stop']);
  });

  it('gives the floor back once, however fast the device tells everybody of it', async () => {
    port.onStop = () => talk.handleEvent({ talker: null, mine: false });
    void talk.begin();
    await port.grant();
    talk.end();
    expect(port.calls).toEqual(['start', 'stop']);
  });

  it('is not heard when the answer comes after the person has let go', async () => {
    void talk.begin();
    talk.end();
    expect(talk.state).toBe('asking');
    await port.grant();
    expect(states).toEqual(['asking', 'off']);
    expect(port.calls).toEqual(['start', 'stop']);
  });

  it('asks once for a person who presses, lets go and presses again', async () => {
    void talk.begin();
    talk.end();
    void talk.begin();
    await port.grant();
    expect(talk.state).toBe('talking');
    expect(port.calls).toEqual(['start']);
  });

  it('says who else talks, and when the floor is free again', () => {
    talk.handleEvent({ talker: 'Firefox on Android', mine: false });
    expect([talk.state, talk.message]).toEqual(['taken', 'Firefox on Android is talking.']);
    talk.handleEvent({ talker: null, mine: false });
    expect([talk.state, talk.message]).toEqual(['off', '']);
  });

  it('waits for the next session when the path dies under it, and is heard again in that', async () => {
    void talk.begin();
    await port.grant();
    talk.suspend();
    talk.suspend();
    talk.handleEvent({ talker: null, mine: false });
    expect([talk.state, talk.isOn]).toEqual(['asking', true]);
    talk.resume(true, null);
    expect([talk.state, talk.isOn]).toEqual(['talking', true]);
    expect(port.calls).toEqual(['start']);
  });

  it('takes back what is suspended when the person lets go', async () => {
    void talk.begin();
    await port.grant();
    talk.suspend();
    talk.end();
    expect([talk.state, port.calls]).toEqual(['off', ['start', 'stop']]);
    talk.resume(true, null);
    expect(talk.state).toBe('off');
  });

  it('is off, and says why, when it cannot go on', async () => {
    void talk.begin();
    await port.grant();
    talk.suspend();
    talk.resume(false, new RpcError('unavailable', 'Anna is talking.'));
    expect([talk.state, talk.isOn, talk.message]).toEqual(['off', false, 'Anna is talking.']);
  });

  it('is not suspended where nobody was heard', () => {
    void talk.begin();
    talk.suspend();
    expect([talk.state, talk.isOn]).toEqual(['off', false]);
  });

  it('goes back to taken when it asks all the same', async () => {
    talk.handleEvent({ talker: 'Anna', mine: false });
    void talk.begin();
    await port.refuse(new RpcError('unavailable', 'Anna is talking.'));
    expect(talk.state).toBe('taken');
    expect(talk.isOn).toBe(false);
  });

  it('lets go of the microphone when the device takes the floor back', async () => {
    void talk.begin();
    await port.grant();
    talk.handleEvent({ talker: 'me', mine: true });
    expect(talk.state).toBe('talking');
    talk.handleEvent({ talker: 'Anna', mine: false });
    expect([talk.state, talk.isOn]).toEqual(['taken', false]);
    expect(port.calls).toEqual(['start', 'stop']);
  });

  it.each([
    [new DOMException('', 'NotAllowedError'), 'denied', /site settings/],
    [new DOMException('', 'NotFoundError'), 'off', /no microphone/],
    [new RpcError('forbidden', 'Not for you.'), 'denied', /Not for you/],
    [new RpcError('unavailable', 'This page was not loaded over https.'), 'off', /https/],
  ] as const)('explains %s', async (error, state, message) => {
    void talk.begin();
    await port.refuse(error);
    expect(talk.state).toBe(state);
    expect(talk.message).toMatch(message);
  });

  it('takes the answer of an old session for none of the new one', async () => {
    void talk.begin();
    talk.reset();
    void talk.begin();
    await port.grant();
    expect(talk.state).toBe('asking');
    expect(port.calls).toEqual(['start', 'start', 'stop']);
    await port.grant();
    expect(talk.state).toBe('talking');
  });

  it('drops what is no such event', () => {
    for (const junk of [null, { talker: 7, mine: false }, { talker: 'x'.repeat(99), mine: false }])
      talk.handleEvent(junk);
    expect(states).toEqual([]);
  });
});

describe('PressToTalk', () => {
  let nowMs: number;
  let press: PressToTalk;

  beforeEach(() => {
    nowMs = 1_000;
    press = new PressToTalk({ target: talk, nowMs: () => nowMs });
  });

  it('talks for as long as it is held', async () => {
    press.press();
    await port.grant();
    nowMs += 2_000;
    press.release();
    expect(states).toEqual(['asking', 'talking', 'off']);
  });

  it('stays on after a tap, and goes off with the next', async () => {
    press.press();
    nowMs += 100;
    press.release();
    await port.grant();
    expect(talk.state).toBe('talking');
    press.press();
    nowMs += 2_000;
    press.release();
    expect(talk.state).toBe('off');
    expect(port.calls).toEqual(['start', 'stop']);
  });

  it('goes off when the press is broken off, and leaves a microphone on that a tap has switched on', async () => {
    press.press();
    press.cancel();
    await port.grant();
    expect(talk.state).toBe('off');
    press.press();
    press.release();
    await port.grant();
    press.cancel();
    expect(talk.state).toBe('talking');
  });

  it('is switched by the keyboard', async () => {
    press.toggle();
    await port.grant();
    expect(talk.state).toBe('talking');
    press.toggle();
    expect(talk.state).toBe('off');
  });
});
