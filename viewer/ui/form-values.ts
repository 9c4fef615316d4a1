import { failure, type Result, success } from '../../protocol/result.ts';
import type { FieldType, FormField } from './schema-form.ts';

/** What stands in the fields, by field name. A field that nobody touched holds its initial text. */
export type FormTexts = ReadonlyMap<string, string>;

/** One sentence per field that is not as it should be, by field name. */
export type FormProblems = ReadonlyMap<string, string>;

/** Reads the parameters of a command out of its form. An optional field left empty is left out. */
export function readForm(
  fields: readonly FormField[],
  texts: FormTexts,
): Result<Record<string, unknown>, FormProblems> {
  const params: [string, unknown][] = [];
  const problems = new Map<string, string>();
  for (const field of fields) {
    const text = texts.get(field.name) ?? field.initial;
    if (text === '' && !field.isRequired) continue;
    const value = readText(field.type, text);
    if (value.ok) params.push([field.name, value.value]);
    else problems.set(field.name, value.error);
  }
  return problems.size > 0 ? failure(problems) : success(Object.fromEntries(params));
}

function readText(type: FieldType, text: string): Result<unknown, string> {
  switch (type.kind) {
    case 'text':
      return readString(type, text);
    case 'number':
      return readNumber(type, text.trim());
    case 'boolean':
      return text === '' ? failure('Choose yes or no.') : success(text === 'true');
    case 'choice': {
      const choice = type.choices.find((value) => String(value) === text);
      return choice === undefined ? failure('Choose one of the values.') : success(choice);
    }
    case 'union':
      return readUnion(type.alternatives, text);
    case 'json':
      return readJsonText(text);
  }
}

function readString(type: FieldType & { kind: 'text' }, text: string): Result<string, string> {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = type;
  if (text.length < minLength)
    return failure(minLength === 1 ? 'Must not be empty.' : `At least ${minLength} characters.`);
  if (text.length > maxLength) return failure(`At most ${maxLength} characters.`);
  return success(text);
}

function readNumber(type: FieldType & { kind: 'number' }, text: string): Result<number, string> {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return failure('Must be a number.');
  if (type.isInteger && !Number.isInteger(value)) return failure('Must be a whole number.');
  if (type.min !== undefined && value < type.min) return failure(`Must be ${type.min} or more.`);
  if (type.max !== undefined && value > type.max) return failure(`Must be ${type.max} or less.`);
  return success(value);
}

function readUnion(alternatives: readonly FieldType[], text: string): Result<unknown, string> {
  const problems: string[] = [];
  for (const type of alternatives) {
    const value = readText(type, text);
    if (value.ok) return value;
    const choices = type.kind === 'choice' ? type.choices.map(String).join(', ') : '';
    problems.push(choices ? `One of: ${choices}.` : value.error);
  }
  return failure(problems.join(' Or: '));
}

function readJsonText(text: string): Result<unknown, string> {
  try {
    return success(JSON.parse(text));
  } catch {
    return failure('Must be JSON, such as ["a", "b"] or {"key": 1}.');
  }
}
