import { X509Certificate } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DeployFolder, runProgram } from '../../helpers/deploy-program.ts';

async function createFolder(): Promise<DeployFolder> {
  const folder = await DeployFolder.create();
  onTestFinished(() => folder.remove());
  return folder;
}

async function readCertificate(path: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(path));
}

describe('the private authority', () => {
  it('signs a certificate for the names and addresses given, and signs the next one too', async () => {
    const folder = await createFolder();
    const certs = folder.createCertificates();
    const authority = await readCertificate(`${certs}/ca.pem`);
    const first = await readCertificate(`${certs}/fullchain.pem`);
    expect(first.verify(authority.publicKey)).toBe(true);
    expect([first.checkHost('localhost'), first.checkIP('127.0.0.1')]).toEqual(['localhost', '127.0.0.1']);
    expect(first.checkHost('elsewhere.example')).toBeUndefined();
    expect(first.ca).toBe(false);
    folder.createCertificates();
    const second = await readCertificate(`${certs}/fullchain.pem`);
    expect(second.verify(authority.publicKey)).toBe(true);
    expect(second.serialNumber).not.toBe(first.serialNumber);
  });

  it('keeps what belongs together when no new certificate can be signed, and says why', async () => {
    const folder = await createFolder();
    const certs = folder.createCertificates();
    await writeFile(`${certs}/ca-key.pem`, 'damaged');
    const files = ['privkey.pem', 'fullchain.pem'].map((name) => `${certs}/${name}`);
    const before = await Promise.all(files.map((path) => readFile(path, 'utf8')));
    expect(() => folder.createCertificates()).toThrow(/private key/i);
    expect(await Promise.all(files.map((path) => readFile(path, 'utf8')))).toEqual(before);
    expect((await readdir(certs)).sort()).toEqual(['ca-key.pem', 'ca.pem', 'ca.srl', 'fullchain.pem', 'privkey.pem']);
  });

  it('lets nobody but its owner read the keys', async () => {
    const folder = await createFolder();
    const certs = folder.in('keys');
    runProgram(await folder.copy('private-ca.sh', 'private-ca.sh'), [certs, '::1', 'broker.example']);
    for (const name of ['ca-key.pem', 'privkey.pem']) {
      expect((await stat(`${certs}/${name}`)).mode & 0o077).toBe(0);
    }
    expect((await readCertificate(`${certs}/fullchain.pem`)).checkIP('::1')).toBe('::1');
  });
});

describe('the hook of certbot', () => {
  it.each(['mosquitto', 'nats-server', 'rabbitmq-server', 'coturn'])(
    'renews the certificate of %s',
    async (service) => {
      const folder = await createFolder();
      const lineage = folder.createCertificates();
      const hook = await folder.copy('certbot-hook.sh', service, {
        '=/etc/': `=${folder.in('etc-')}`,
        ' -g "$group"': '',
      });
      // The parts of systemd and of the packages that a test cannot have.
      await folder.write('systemctl', `#!/bin/sh\necho "$@" >${folder.in('asked')}\n`);
      await chmod(folder.in('systemctl'), 0o755);
      const searchPath = `${folder.path}:${process.env.PATH}`;
      runProgram(hook, [], { RENEWED_LINEAGE: lineage, PATH: searchPath });
      const installed = folder.in(`etc-${service.replace('-server', '')}/certs`);
      expect(await readFile(`${installed}/fullchain.pem`)).toEqual(await readFile(`${lineage}/fullchain.pem`));
      expect((await stat(`${installed}/privkey.pem`)).mode & 0o777).toBe(0o640);
      expect(await readFile(folder.in('asked'), 'utf8')).toBe(`restart ${service}\n`);
    },
  );
});
