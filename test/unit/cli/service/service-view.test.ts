import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Flags } from '../../../../cli/command-line.ts';
import { findServiceView } from '../../../../cli/service/service-view.ts';
import { makeClosedFolder } from '../../../helpers/closed-folder.ts';

function makePlaces() {
  const root = mkdtempSync(join(tmpdir(), 'porthole-view-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = (name: string) => join(root, name);
  mkdirSync(folder('state'));
  writeFileSync(folder('porthole.yaml'), '');
  return {
    file: folder('porthole.yaml'),
    folders: {
      STATE_DIRECTORY: folder('state'),
      RUNTIME_DIRECTORY: folder('run'),
      CREDENTIALS_DIRECTORY: folder('credentials'),
    },
  };
}

type Places = ReturnType<typeof makePlaces>;

function look(places: Places, { file = places.file, state = undefined as string | undefined, env = {} } = {}) {
  return findServiceView({ flags: new Flags({ state }), env: { PORTHOLE_CONFIG: file, ...env } }, places);
}

describe('the view of the service', () => {
  it('has its folders where its configuration is the one in use', async () => {
    const places = makePlaces();
    const { STATE_DIRECTORY, RUNTIME_DIRECTORY } = places.folders;
    const view = await look(places);
    expect(view).toMatchObject({ isService: true, closedFile: null, runtimeDirs: [RUNTIME_DIRECTORY] });
    // The service does not run, so that it has no credentials; where its socket would be is known all the same.
    expect(view.env).toEqual({ PORTHOLE_CONFIG: places.file, STATE_DIRECTORY, RUNTIME_DIRECTORY });
  });

  it('has its credentials while it runs', async () => {
    const places = makePlaces();
    mkdirSync(places.folders.CREDENTIALS_DIRECTORY);
    expect((await look(places)).env).toMatchObject(places.folders);
  });

  it.each([
    ['another configuration', { file: '/home/pi/.config/porthole/porthole.yaml' }],
    ['a state folder', { state: '/home/pi/state' }],
    ['a state folder in the environment', { env: { PORTHOLE_STATE_DIR: '/home/pi/state' } }],
  ])('is none where a user has %s', async (_what, own) => {
    const view = await look(makePlaces(), own);
    expect(view).toMatchObject({ isService: false, closedFile: null, runtimeDirs: [] });
    expect(view.env).not.toHaveProperty('STATE_DIRECTORY');
  });

  it('is nothing but its socket to a user who may not read its configuration', async () => {
    const places = makePlaces();
    const file = join(makeClosedFolder(), 'porthole.yaml');
    const view = await look({ ...places, file });
    expect(view).toMatchObject({ isService: false, closedFile: file, runtimeDirs: [places.folders.RUNTIME_DIRECTORY] });
    expect(view.env).not.toHaveProperty('STATE_DIRECTORY');
  });
});
