/** The agent cannot do what it was asked; the message says what to do about it. */
export class AgentError extends Error {
  readonly code: 'ca-unreadable' | 'too-many-invites' | 'not-running';

  private constructor(code: AgentError['code'], message: string) {
    super(message);
    this.name = 'AgentError';
    this.code = code;
  }

  static caUnreadable(error: unknown): AgentError {
    const reason = error instanceof Error ? error.message : String(error);
    return new AgentError('ca-unreadable', `The certificate in broker.caFile cannot be read: ${reason}`);
  }

  static tooManyInvites(): AgentError {
    return new AgentError(
      'too-many-invites',
      'There are too many open invites. "porthole viewers" lists them: revoke some.',
    );
  }

  static notRunning(): AgentError {
    return new AgentError('not-running', 'The agent has not been started.');
  }
}
