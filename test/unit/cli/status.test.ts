import { describe, expect, it } from 'vitest';
import { type AgentStatus, formatStatus } from '../../../cli/commands/status.ts';

const status: AgentStatus = {
  deviceId: 'd'.repeat(32),
  name: 'Shed',
  version: '0.1.0',
  uptimeSeconds: 93_784,
  broker: { url: 'mqtts://b.example', online: true },
  viewers: 2,
  cameras: [
    { id: 'cam0', name: 'cam0', state: 'running' },
    { id: 'door', name: 'Front door', state: 'missing', reason: '/dev/video1 is not there' },
  ],
};

describe('porthole status', () => {
  it('shows everything on one screen', () => {
    expect(formatStatus(status).split('\n')).toEqual([
      `Device    Shed, ${'d'.repeat(32)}`,
      'Agent     version 0.1.0, up 1 d 2 h',
      'Broker    mqtts://b.example, online',
      'Viewers   2',
      'Cameras   cam0: running',
      '          door (Front door): missing, /dev/video1 is not there',
    ]);
  });

  it('says why the broker is not there', () => {
    const offline = { url: 'mqtt://b', online: false, reason: 'connection refused' };
    const text = formatStatus({ ...status, broker: offline, viewers: 0, uptimeSeconds: 0 });
    expect(text).toContain('mqtt://b, offline: connection refused');
    expect(text).toContain('Viewers   none');
    expect(text).toContain('up 0 s');
  });
});
