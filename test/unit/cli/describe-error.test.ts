import { describe, expect, it } from 'vitest';
import { AgentError } from '../../../agent/agent-error.ts';
import { LocalClientError } from '../../../agent/commands/local-client.ts';
import { BrokerError, type PortOption } from '../../../broker/broker-error.ts';
import { describeError } from '../../../cli/describe-error.ts';
import { CliError, exitCode } from '../../../cli/exit-code.ts';
import { SessionError, sessionErrorCodes } from '../../../protocol/errors.ts';
import { RpcError } from '../../../protocol/rpc.ts';

function listenError(code: string, option: PortOption): BrokerError {
  const cause = Object.assign(new Error('no way'), { code });
  return BrokerError.listenFailed(cause, { host: '127.0.0.1', port: 1883, option });
}

describe('describeError', () => {
  it.each([
    [new CliError(exitCode.usage, 'Too many words.'), 'Too many words.', exitCode.usage],
    [new SessionError('unauthorised'), /paired.*\[unauthorised\]$/, exitCode.refused],
    [new SessionError('invite-invalid'), /\[invite-invalid\]$/, exitCode.refused],
    [new SessionError('device-offline'), /offline.*\[device-offline\]$/, exitCode.notReachable],
    [new SessionError('connect-timeout'), /UDP.*\[connect-timeout\]$/, exitCode.notReachable],
    [new SessionError('internal', 'no memory'), /\(no memory\) \[internal\]$/, exitCode.failed],
    [new RpcError('forbidden', 'Needs the role admin'), 'Needs the role admin [forbidden]', exitCode.refused],
    [new RpcError('timeout', 'Too slow'), 'Too slow [timeout]', exitCode.failed],
    [new LocalClientError('not-running', 'No agent answers'), 'No agent answers [not-running]', exitCode.notReachable],
    [AgentError.tooManyInvites(), /revoke some. \[too-many-invites\]$/, exitCode.failed],
    [
      listenError('EADDRINUSE', 'mqttPort'),
      'Port 1883 on 127.0.0.1 is used by another program. Choose another with --mqtt-port (0 = any free port). [port-in-use]',
      exitCode.failed,
    ],
    [
      listenError('EACCES', 'httpPort'),
      'Port 1883 may not be opened by this user. Choose one above 1023 with --port. [port-forbidden]',
      exitCode.failed,
    ],
    [listenError('EMFILE', 'mqttPort'), /^Cannot listen on .*: no way \[listen-failed\]$/, exitCode.failed],
    [BrokerError.lanNotAsked('0.0.0.0'), /\[lan-not-asked\]$/, exitCode.failed],
    [Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' }), /no such file \[ENOENT\]$/, exitCode.failed],
  ])('says what %o means in one line', (error, message, code) => {
    const described = describeError(error);
    if (typeof message === 'string') expect(described.message).toBe(message);
    else expect(described.message).toMatch(message);
    expect(described.message).not.toContain('\n');
    expect(described.code).toBe(code);
  });

  it('has a code for every way a session can end', () => {
    for (const code of sessionErrorCodes) expect(describeError(new SessionError(code)).code).toBeGreaterThan(0);
  });

  it.each([
    new TypeError('x is not a function'),
    Object.assign(new TypeError('The "path" argument must be of type string'), { code: 'ERR_INVALID_ARG_TYPE' }),
  ])('keeps the stack of a defect: %o', (error) => {
    const { message, code } = describeError(error);
    expect(message).toContain('report');
    expect(message).toContain('describe-error.test');
    expect(code).toBe(exitCode.failed);
  });

  it('copes with what is no error at all', () => {
    expect(describeError('oops').message).toContain('oops');
  });
});
