import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RpcError } from '../../../../protocol/rpc.ts';
import { Talk } from '../../../../viewer/client/talk.ts';

/** A microphone that says whether it is on. */
function buildMicrophone() {
  const microphone = { isOn: true, stop: () => {} };
  microphone.stop = () => {
    microphone.isOn = false;
  };
  return microphone;
}

let microphones: ReturnType<typeof buildMicrophone>[];
let answerPerson: (() => void)[];
let answerDevice: ((error?: Error) => void)[];
let calls: string[];
let sent: unknown;
let talk: Talk;

beforeEach(() => {
  microphones = [];
  answerPerson = [];
  answerDevice = [];
  calls = [];
  sent = null;
  const openMicrophone = () =>
    new Promise<MediaStreamTrack>((resolve) => {
      answerPerson.push(() => {
        const microphone = buildMicrophone();
        microphones.push(microphone);
        resolve(microphone as unknown as MediaStreamTrack);
      });
    });
  const call = (method: string) => {
    calls.push(method);
    if (method !== 'talk.take') return Promise.resolve({});
    return new Promise((resolve, reject) => {
      answerDevice.push((error) => (error ? reject(error) : resolve({})));
    });
  };
  const replaceTrack = async (track: unknown) => {
    sent = track;
  };
  talk = new Talk({ call, openMicrophone }, { replaceTrack } as unknown as RTCRtpSender);
});

const settled = () => vi.waitFor(() => Promise.resolve());
const litMicrophones = () => microphones.filter(({ isOn }) => isOn);

async function beginTalk(): Promise<void> {
  const started = talk.start();
  answerPerson.at(-1)?.();
  await settled();
  answerDevice.at(-1)?.();
  await started;
}

describe('Talk', () => {
  it('takes the floor before the microphone is heard, and gives it back after that was cut', async () => {
    await beginTalk();
    expect(sent).toBe(microphones[0]);
    await talk.stop();
    expect([litMicrophones(), sent, calls]).toEqual([[], null, ['talk.take', 'talk.release']]);
  });

  it('opens one microphone however often it is started', async () => {
    const starts = [talk.start(), talk.start()];
    for (const answer of answerPerson) answer();
    await settled();
    for (const answer of answerDevice) answer();
    await Promise.all(starts);
    await talk.start();
    expect([microphones.length, calls]).toEqual([1, ['talk.take']]);
  });

  it('is not heard when it was ended before the person had allowed the microphone', async () => {
    const refused = expect(talk.start()).rejects.toMatchObject({ code: 'unavailable' });
    await talk.stop();
    answerPerson[0]?.();
    await refused;
    expect([litMicrophones(), sent, calls]).toEqual([[], null, []]);
  });

  it('gives the floor back when it was ended before the device had answered', async () => {
    const refused = expect(talk.start()).rejects.toMatchObject({ code: 'unavailable' });
    answerPerson[0]?.();
    await settled();
    await talk.stop();
    answerDevice[0]?.();
    await refused;
    expect([litMicrophones(), sent, calls]).toEqual([[], null, ['talk.take', 'talk.release']]);
  });

  it('begins anew while the answer to a start that was taken back is still awaited', async () => {
    const refused = expect(talk.start()).rejects.toMatchObject({ code: 'unavailable' });
    await talk.stop();
    await beginTalk();
    answerPerson[0]?.();
    await refused;
    expect(litMicrophones()).toEqual([sent]);
  });

  it('lets go of the microphone when the device refuses, and can be tried again', async () => {
    const refused = expect(talk.start()).rejects.toMatchObject({ code: 'unavailable' });
    answerPerson[0]?.();
    await settled();
    answerDevice[0]?.(new RpcError('unavailable', 'somebody else talks'));
    await refused;
    expect(litMicrophones()).toEqual([]);
    await beginTalk();
    expect(sent).toBe(microphones[1]);
  });
});
