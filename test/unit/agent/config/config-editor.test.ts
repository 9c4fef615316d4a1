import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editConfigText } from '../../../../agent/config/config-editor.ts';

const example = readFileSync(new URL('../../../../packaging/porthole.example.yaml', import.meta.url), 'utf8');

function edit(text: string, changes: Record<string, string | undefined>): string {
  const edited = editConfigText(
    text,
    Object.entries(changes).map(([name, value]) => ({
      path: name.split('.').map((part) => (part === '0' ? 0 : part)),
      value,
    })),
  );
  if (!edited.ok) throw new Error(edited.error);
  return edited.value;
}

/** The lines that are new or gone, with + and -. */
function difference(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `-${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}

describe('editConfigText', () => {
  it('changes a value and leaves comments, other keys and their order alone', () => {
    const text = '# mine\nname: Old # the name\n\nbroker:\n  # far away\n  url: mqtt://a\n  topicPrefix: x\n';
    const edited = edit(text, { name: 'New', 'broker.url': 'mqtts://b' });
    expect(edited).toBe(text.replace('Old', 'New').replace('mqtt://a', 'mqtts://b'));
  });

  it('puts the settings of the example file in force where they stand', () => {
    const edited = edit(example, {
      name: 'Shed',
      'broker.url': 'mqtts://b.example',
      'broker.username': 'me',
      'cameras.0.source': '/dev/video2',
    });
    expect(difference(example, edited)).toEqual([
      '-#name: Harbour cam',
      '-  #url: mqtt://127.0.0.1:1883',
      '-  #username: harbour-cam',
      '-  #- source: /dev/video0',
      '+name: Shed',
      '+  url: mqtts://b.example',
      '+  username: me',
      '+  - source: /dev/video2',
    ]);
    expect(parse(edited)).toMatchObject({ broker: { url: 'mqtts://b.example' }, cameras: [{ source: '/dev/video2' }] });
  });

  it('gives the same text when it is done twice', () => {
    const changes = { name: 'Shed', 'broker.url': 'mqtts://b.example', 'cameras.0.source': 'test' };
    const once = edit(example, changes);
    expect(edit(once, changes)).toBe(once);
  });

  it('does not write a setting twice that is in force and in a comment', () => {
    const edited = edit('broker:\n  #url: mqtt://a\n  url: mqtt://b\n', { 'broker.url': 'mqtt://c' });
    expect(parse(edited)).toEqual({ broker: { url: 'mqtt://c' } });
  });

  it('begins with nothing, and makes what a path needs', () => {
    const edited = edit('# head\n', { 'links.pageUrl': 'https://p/', 'cameras.0.source': 'test', name: 'a: b' });
    expect(parse(edited)).toEqual({ links: { pageUrl: 'https://p/' }, cameras: [{ source: 'test' }], name: 'a: b' });
    expect(edited).toContain('# head');
  });

  it('keeps the other settings of a camera and the other cameras', () => {
    const text = 'cameras:\n  - source: test\n    fps: 5\n  - source: /dev/video1\n';
    expect(parse(edit(text, { 'cameras.0.source': '/dev/video0' }))).toEqual({
      cameras: [{ source: '/dev/video0', fps: 5 }, { source: '/dev/video1' }],
    });
  });

  it('takes out what is to be left out', () => {
    expect(
      parse(edit('broker: {url: x, password: y}\n', { 'broker.password': undefined, 'links.x': undefined })),
    ).toEqual({
      broker: { url: 'x' },
    });
  });

  it('takes out one line of many, and keeps the comments around it', () => {
    const text = 'broker:\n  # one\n  url: mqtt://a\n  # two\n  password: y # secret\n  # three\n  username: z\n';
    const edited = edit(text, { 'broker.password': undefined });
    expect(edited).toBe(text.replace('  password: y # secret\n', ''));
  });

  it('adds to a section that has settings, in their column', () => {
    const edited = edit('broker:\n    url: mqtt://a # mine\nname: x', {
      'broker.username': 'me',
      'links.pageUrl': 'http://p',
    });
    expect(edited).toBe('broker:\n    url: mqtt://a # mine\n    username: me\nname: x\nlinks:\n  pageUrl: http://p\n');
  });

  it('says why a text cannot be changed', () => {
    expect(editConfigText('a: [', [])).toMatchObject({ ok: false, error: expect.stringContaining('not valid YAML') });
    expect(editConfigText('- a', [])).toMatchObject({ ok: false, error: expect.stringContaining('key: value') });
  });
});
