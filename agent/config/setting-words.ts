import type { z } from 'zod';

/**
 * What a setting must be, to be read after its name, where the schema itself says nothing better. For `safeParse`.
 *
 * @returns undefined for what has words of its own elsewhere
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : mustBe(issue.expected, issue.input);
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `must ${boundBelow(issue.origin, Number(issue.minimum))}`;
    case 'too_big':
      return `must ${boundAbove(issue.origin, Number(issue.maximum))}`;
    default:
      return undefined;
  }
}

function mustBe(expected: string, input: unknown): string {
  switch (expected) {
    case 'string':
      return `must be text${typeof input === 'object' ? '' : ', in quotes'}`;
    case 'boolean':
      return 'must be true or false';
    case 'int':
      return 'must be a whole number';
    case 'number':
      return 'must be a number';
    case 'array':
      return 'must be a list, as [A, B]';
    // The one kind there is: a range of ports.
    case 'tuple':
      return 'must be a list of two numbers, as [50000, 50100]';
    default:
      return 'must hold settings of the form "key: value"';
  }
}

function boundBelow(origin: string, minimum: number): string {
  switch (origin) {
    case 'string':
      return minimum === 1 ? 'not be empty' : `have at least ${minimum} characters`;
    case 'array':
      return `be a list of at least ${minimum}`;
    default:
      return `be at least ${minimum}`;
  }
}

function boundAbove(origin: string, maximum: number): string {
  switch (origin) {
    case 'string':
      return `have at most ${maximum} characters`;
    case 'array':
      return `be a list of at most ${maximum}`;
    default:
      return `be at most ${maximum}`;
  }
}
