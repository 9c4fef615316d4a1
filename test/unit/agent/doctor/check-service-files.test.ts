import { expect, it } from 'vitest';
import { configSchema } from '../../../../agent/config/config-schema.ts';
import { checkServiceFiles } from '../../../../agent/doctor/check-service-files.ts';

it('finds no fault with secrets that systemd reads for the service, and with every other that it may not read', async () => {
  const places = { name: 'x', stateDir: '/x', cacheDir: '/x', runtimeDir: '/x' };
  const service = {
    mayOpen: async () => true,
    findObstacle: async () => ({ verb: 'may not read', advice: 'Put it elsewhere.' }),
  };
  const find = async (folder: string) => {
    const broker = { username: 'me', passwordFile: `${folder}/broker-password` };
    const ice = { turn: { urls: ['turn:a:1'], secretFile: `${folder}/turn-secret` } };
    const findings = await checkServiceFiles(configSchema.parse({ ...places, broker, ice }), undefined, service);
    return findings.map(({ details }) => details?.path);
  };
  expect(await find('/etc/porthole')).toEqual([]);
  expect(await find('/root')).toEqual(['/root/broker-password', '/root/turn-secret']);
});
