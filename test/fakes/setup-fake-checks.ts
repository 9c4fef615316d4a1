import type { AgentConfig, CameraConfig } from '../../agent/config/config-schema.ts';
import { type Finding, failed, ok } from '../../agent/doctor/finding.ts';
import type { FoundCamera, SetupChecks } from '../../cli/setup/setup-checks.ts';

/** Lets everything pass but what is in `broken`: addresses of brokers and sources of cameras. */
export class FakeSetupChecks implements SetupChecks {
  readonly tried: string[] = [];
  readonly broken = new Set<string>();
  /** Brokers whose certificate is of an authority that a file must name. */
  readonly ofUnknownAuthority = new Set<string>();
  /** Brokers whose certificate everybody trusts, but not the authority of a file. */
  readonly ofOtherAuthority = new Set<string>();
  cameras: FoundCamera[] = [];

  async broker({ broker }: AgentConfig): Promise<Finding[]> {
    const needing = broker.caFile === undefined ? this.ofUnknownAuthority : this.ofOtherAuthority;
    if (needing.has(broker.url)) {
      return [failed('broker-tls', 'Nobody knows it.', 'Name its authority.', { fault: 'unknown-authority' })];
    }
    return this.check('broker-reachable', `${broker.url} as ${broker.username} with ${broker.password}`, broker.url);
  }

  async links({ links }: AgentConfig): Promise<Finding[]> {
    return this.check('browser-broker-reachable', links.brokerUrl, links.brokerUrl);
  }

  async camera({ source }: CameraConfig): Promise<Finding[]> {
    return this.check('camera', source, source);
  }

  async listCameras(): Promise<FoundCamera[]> {
    return this.cameras;
  }

  private check(check: string, what: string, key: string): Finding[] {
    this.tried.push(what);
    return this.broken.has(key) ? [failed(check, `${key} is broken.`, 'Repair it.')] : [ok(check, `${key} works.`)];
  }
}
