import { describe, expect, it } from 'vitest';
import { Access } from '../../../../agent/access/access.ts';
import type { BuiltinPorts } from '../../../../agent/commands/builtin/builtin-commands.ts';
import { buildBuiltinCommands } from '../../../../agent/commands/builtin/builtin-commands.ts';
import type { DeviceStatus } from '../../../../agent/commands/builtin/device-commands.ts';
import type { DeviceInfo } from '../../../../agent/system/device-info.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { CameraInfo } from '../../../../protocol/messages.ts';
import { failure, success } from '../../../../protocol/result.ts';
import type { Role } from '../../../../protocol/roles.ts';
import type { CommandDescription } from '../../../../protocol/rpc.ts';
import { FakeRpcCaller, refusalOf } from '../../../fakes/support-rpc.ts';

const door: CameraInfo = { id: 'door', name: 'Front door', state: 'live' };
const yard: CameraInfo = { id: 'yard', name: 'Yard', state: 'live' };
const shed: CameraInfo = { id: 'shed', name: 'Shed', state: 'missing', reason: 'no device /dev/video2' };
const grant = {
  viewerId: 'b'.repeat(32),
  role: 'view' as const,
  label: 'Phone',
  rights: { audio: true, talk: false, recordings: false },
  invitedBy: '0123456789ab',
  createdAtMs: 1,
  expiresInMs: null,
};
const invite = { id: '0123456789ab', role: 'view' as const, usesLeft: 'many' as const, createdAtMs: 1, expiresInMs: 5 };

const deviceStatus: DeviceStatus = {
  deviceId: 'd'.repeat(32),
  name: 'Shed',
  version: '0.1.0',
  uptimeSeconds: 5,
  broker: { url: 'mqtt://b', online: false, reason: 'refused' },
  viewers: 0,
  cameras: [],
};
const deviceInfo: Required<DeviceInfo> = {
  model: 'Raspberry Pi 5',
  os: 'Debian GNU/Linux 13 (trixie)',
  kernel: '6.12.34',
  architecture: 'arm64',
  uptimeSeconds: 60,
  load: { oneMinute: 1, fiveMinutes: 2, fifteenMinutes: 3 },
  memory: { totalBytes: 2, availableBytes: 1 },
  temperatures: [{ name: 'cpu-thermal', celsius: 48.5 }],
};

/** A device whose calls to the access list are written down. */
function callerOf(options: { role?: Role; cameras?: CameraInfo[]; ports?: Partial<BuiltinPorts> } = {}) {
  const { role = 'admin', cameras = [door, yard, shed], ports = {} } = options;
  const calls: unknown[] = [];
  const caller = new FakeRpcCaller([], role);
  const commands = buildBuiltinCommands({
    clock: caller.clock,
    registry: caller.registry,
    sessions: {
      setQuality: (...asked) => calls.push(asked),
      selectCamera: (...asked) => calls.push(asked),
      setListening: (...asked) => calls.push(asked),
      takeFloor: (...asked) => calls.push(asked),
      releaseFloor: (...asked) => calls.push(asked),
    },
    hasSound: true,
    hasLoudspeaker: true,
    deviceInfo: async () => ({ name: 'Shed', version: '0.1.0', ...deviceInfo }),
    deviceStatus: async () => deviceStatus,
    reload: async () => ({ applied: ['name'], waiting: [] }),
    cameras: {
      list: async () => cameras,
      snapshot: async (id) => {
        if (id === 'shed') throw new Error('spawn /usr/bin/ffmpeg failed');
        if (id === 'yard') throw Object.assign(new Error('no picture within 5 s'), { code: 'snapshot-timeout' });
        return { camera: id ?? 'door', jpeg: Uint8Array.of(0xff, 0xd8) };
      },
    },
    access: {
      createInvite: async (asked) => {
        calls.push(asked);
        return success({ id: invite.id, token: 'the-token' });
      },
      list: () => ({ grants: [grant, { ...grant, label: 'Tablet' }], invites: [invite] }),
      revokeViewer: async (id) =>
        id === 'bbbb' ? success(grant.viewerId) : failure(id === 'b' ? 'ambiguous' : 'not-found'),
      revokeInvite: async (id) => (id === invite.id ? success([grant.viewerId]) : failure('not-found')),
    },
    buildLink: (token) => `http://page/#/pair?t=${token}`,
    ...ports,
  });
  for (const command of commands) caller.registry.add(command);
  return { caller, calls };
}

describe('rpc.discover', () => {
  it.each([
    ['view', 10],
    ['control', 10],
    ['admin', 15],
  ] satisfies [Role, number][])('shows %s %i commands, in one message', async (role, count) => {
    const { caller } = callerOf({ role });
    const answer = await caller.call('rpc.discover');
    const { commands } = (answer?.result ?? {}) as { commands: CommandDescription[] };
    expect(commands).toHaveLength(count);
    expect(commands.every(({ title, params }) => title !== '' && params.type === 'object')).toBe(true);
    expect(JSON.stringify(answer).length).toBeLessThan(limits.rpcAnswerMaxBytes / 2);
  });
});

describe('commands of sound', () => {
  async function offeredOn(ports: Partial<BuiltinPorts>): Promise<string[]> {
    const { result } = (await callerOf({ ports }).caller.call('rpc.discover')) ?? {};
    const { commands } = result as { commands: CommandDescription[] };
    return commands.map(({ name }) => name).filter((name) => /^(audio|talk)/.test(name));
  }

  it('are offered by a device that has what they are about', async () => {
    expect(await offeredOn({})).toEqual(['audio.listen', 'talk.release', 'talk.take']);
    expect(await offeredOn({ hasLoudspeaker: false })).toEqual(['audio.listen']);
    expect(await offeredOn({ hasSound: false })).toEqual(['talk.release', 'talk.take']);
  });

  it('are none where it has not, and refused by name', async () => {
    const { caller, calls } = callerOf({ ports: { hasSound: false, hasLoudspeaker: false } });
    for (const [method, params] of [['audio.listen', { on: true }], ['talk.take'], ['talk.release']] as const) {
      expect(await caller.call(method, params)).toMatchObject(
        refusalOf('method-not-found', `There is no command ${method}`),
      );
    }
    expect(calls).toEqual([]);
  });
});

describe('device commands', () => {
  it('tell an admin alone what the agent is doing', async () => {
    expect((await callerOf({ role: 'admin' }).caller.call('device.status'))?.result).toEqual(deviceStatus);
    expect((await callerOf({ role: 'control' }).caller.call('device.status'))?.error).toMatchObject({
      code: expect.any(Number),
    });
  });

  it('answer a ping with both clocks', async () => {
    const { caller } = callerOf({ role: 'view' });
    const { monotonicMs, wallMs } = caller.clock;
    expect(await caller.call('device.ping')).toMatchObject({ result: { nowMs: monotonicMs, wallClockMs: wallMs } });
  });

  it('tell all that the device knows about itself', async () => {
    const { caller } = callerOf({ role: 'view' });
    expect((await caller.call('device.info'))?.result).toEqual({
      name: 'Shed',
      version: '0.1.0',
      ...deviceInfo,
    });
  });
});

describe('camera commands', () => {
  it('list the cameras with their state', async () => {
    const { caller } = callerOf({ role: 'view' });
    expect((await caller.call('camera.list'))?.result).toEqual({ cameras: [door, yard, shed] });
  });

  it.each([
    [undefined, 'door'],
    [{ camera: 'door' }, 'door'],
  ])('send a picture on the bulk channel for %j', async (params, camera) => {
    const { caller } = callerOf({ role: 'view' });
    expect((await caller.call('camera.snapshot', params))?.result).toEqual({
      camera,
      bulk: { transferId: 1, sizeBytes: 2, mediaType: 'image/jpeg' },
    });
    expect(caller.bulk).toHaveLength(1);
  });

  it('name a camera that is not there, and one that is in trouble', async () => {
    const { caller } = callerOf({ role: 'view' });
    expect(await caller.call('camera.snapshot', { camera: 'roof' })).toMatchObject(refusalOf('not-found'));
    expect(await caller.call('camera.snapshot', { camera: 'shed' })).toMatchObject(
      refusalOf('unavailable', 'Shed gives no picture: no device /dev/video2'),
    );
    expect(await caller.call('camera.snapshot', { camera: 'yard' })).toMatchObject(
      refusalOf('timeout', 'Yard is live, but took too long for the picture: is the device overloaded?'),
    );
    expect(await callerOf({ cameras: [] }).caller.call('camera.snapshot')).toMatchObject(refusalOf('not-found'));
  });

  it('take at most 60 pictures a minute', () => {
    const { caller } = callerOf();
    expect(caller.registry.get('camera.snapshot')?.perMinute).toBe(60);
  });
});

describe('access commands', () => {
  it('make an invite for one viewer and ten minutes, unless asked otherwise', async () => {
    const { caller, calls } = callerOf();
    expect((await caller.call('access.invite', {}))?.result).toEqual({
      id: invite.id,
      link: 'http://page/#/pair?t=the-token',
      role: 'view',
      expiresInMs: 600_000,
    });
    const asked = { role: 'admin', ttlMinutes: null, uses: 'many', label: 'Family' };
    expect(await caller.call('access.invite', asked)).toMatchObject({ result: { role: 'admin', expiresInMs: null } });
    expect(calls).toEqual([
      { role: 'view', ttlMs: 600_000, uses: 1, label: undefined },
      { role: 'admin', ttlMs: null, uses: 'many', label: 'Family' },
    ]);
  });

  it.each([{ uses: 0 }, { uses: 'all' }, { ttlMinutes: 0 }, { ttlMinutes: -1 }, { role: 'root' }, { label: '' }])(
    'refuse to invite with %j',
    async (params) => {
      const { caller, calls } = callerOf();
      expect(await caller.call('access.invite', params)).toMatchObject(refusalOf('invalid-params'));
      expect(calls).toEqual([]);
    },
  );

  it('list viewers and invites, in parts if wished', async () => {
    const { caller } = callerOf();
    expect((await caller.call('access.list'))?.result).toEqual({
      grants: [grant, { ...grant, label: 'Tablet' }],
      invites: [invite],
      grantsTotal: 2,
      invitesTotal: 1,
    });
    expect((await caller.call('access.list', { offset: 1, limit: 1 }))?.result).toMatchObject({
      grants: [{ label: 'Tablet' }],
      invites: [],
      grantsTotal: 2,
    });
  });

  it('revoke a viewer or an invite, one at a time', async () => {
    const { caller } = callerOf();
    const viewers = [grant.viewerId];
    expect(await caller.call('access.revoke', { viewer: 'bbbb' })).toMatchObject({ result: { viewers } });
    expect(await caller.call('access.revoke', { invite: invite.id })).toMatchObject({ result: { viewers } });
    expect(await caller.call('access.revoke', { viewer: 'cccc' })).toMatchObject(refusalOf('not-found'));
    expect(await caller.call('access.revoke', { invite: 'x' })).toMatchObject(refusalOf('not-found'));
    expect(await caller.call('access.revoke', { viewer: 'b' })).toMatchObject(refusalOf('invalid-params'));
    expect(await caller.call('access.revoke', {})).toMatchObject(refusalOf('invalid-params'));
    const both = { viewer: 'bbbb', invite: invite.id };
    expect(await caller.call('access.revoke', both)).toMatchObject(refusalOf('invalid-params'));
  });

  it('are for the owner alone', async () => {
    const { caller, calls } = callerOf({ role: 'control' });
    for (const method of ['access.invite', 'access.list', 'access.revoke']) {
      expect(await caller.call(method)).toMatchObject(refusalOf('forbidden'));
    }
    expect(calls).toEqual([]);
  });

  it('say so when the disk refuses', async () => {
    const full = Object.assign(new Error('ENOSPC'), { code: 'not-saved' });
    const { caller } = callerOf({ ports: { access: brokenAccess(full) } });
    expect(await caller.call('access.revoke', { viewer: 'bbbb' })).toMatchObject(
      refusalOf('unavailable', expect.stringContaining('disk')),
    );
  });

  it('fit the access list of the agent', () => {
    const clock = { nowMs: () => 0, wallClockMs: () => 0 };
    const access: BuiltinPorts['access'] = new Access({
      stateDir: '/nowhere',
      clock,
      logger: callerOf().caller.logger,
    });
    expect(access.list()).toEqual({ grants: [], invites: [] });
  });
});

function brokenAccess(error: Error): BuiltinPorts['access'] {
  const refuse = () => Promise.reject(error);
  return {
    createInvite: refuse,
    list: () => ({ grants: [], invites: [] }),
    revokeViewer: refuse,
    revokeInvite: refuse,
  };
}
