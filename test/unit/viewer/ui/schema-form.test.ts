import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readForm } from '../../../../viewer/ui/form-values.ts';
import { buildFields, buildLabel } from '../../../../viewer/ui/schema-form.ts';

function fieldsOf(params: z.ZodType) {
  return buildFields(z.toJSONSchema(params) as Record<string, unknown>);
}

function read(params: z.ZodType, texts: Record<string, string>) {
  return readForm(fieldsOf(params), new Map(Object.entries(texts)));
}

describe('the form of a command', () => {
  it('has a field for each parameter, with what the schema says of it', () => {
    const fields = fieldsOf(
      z.object({
        camera: z.string().min(1).max(32).describe('Id of the camera'),
        quality: z.number().int().min(1).max(100).default(80),
        mirror: z.boolean().optional(),
        role: z.enum(['view', 'control']),
        area: z.object({ x: z.number() }).optional(),
      }),
    );
    expect(
      fields.map(({ name, isRequired, initial, type }) => ({ name, isRequired, initial, kind: type.kind })),
    ).toEqual([
      { name: 'camera', isRequired: true, initial: '', kind: 'text' },
      { name: 'quality', isRequired: false, initial: '80', kind: 'number' },
      { name: 'mirror', isRequired: false, initial: '', kind: 'boolean' },
      { name: 'role', isRequired: true, initial: '', kind: 'choice' },
      { name: 'area', isRequired: false, initial: '', kind: 'json' },
    ]);
    expect(fields[0]).toMatchObject({ label: 'Camera', description: 'Id of the camera', type: { maxLength: 32 } });
  });

  it('drops the bounds of safe integers, which no author wrote', () => {
    expect(fieldsOf(z.object({ count: z.number().int() }))[0]?.type).toEqual({ kind: 'number', isInteger: true });
  });

  it('takes a schema that makes no sense as free JSON', () => {
    expect(
      buildFields({ properties: { odd: 7, none: null, ref: { $ref: '#/x' } } }).map(({ type }) => type.kind),
    ).toEqual(['json', 'json', 'json']);
    expect(buildFields({ properties: 'nothing' })).toEqual([]);
  });

  it.each([
    ['ttlMinutes', 'Ttl minutes'],
    ['camera_id', 'Camera id'],
    ['x', 'X'],
  ])('labels %s as %s', (name, label) => {
    expect(buildLabel(name)).toBe(label);
  });
});

describe('the parameters out of a form', () => {
  it('have the types of the schema, and pass it', () => {
    const params = z.object({
      name: z.string(),
      count: z.number().int(),
      ratio: z.number(),
      on: z.boolean(),
      level: z.union([z.literal(1), z.literal(2)]),
      list: z.array(z.string()),
    });
    const result = read(params, { name: 'a', count: ' 3 ', ratio: '0.5', on: 'false', level: '2', list: '["x"]' });
    expect(result).toEqual({ ok: true, value: { name: 'a', count: 3, ratio: 0.5, on: false, level: 2, list: ['x'] } });
    expect(params.safeParse(result.ok ? result.value : null).success).toBe(true);
  });

  it('leave out what is optional and empty, and keep a default that nobody touched', () => {
    const params = z.object({ a: z.string().optional(), b: z.boolean().optional(), c: z.number().default(5) });
    expect(read(params, { a: '', b: '' })).toEqual({ ok: true, value: { c: 5 } });
    expect(read(params, { c: '' })).toEqual({ ok: true, value: {} });
  });

  it('take the alternative that fits the text', () => {
    const params = z.object({
      uses: z.union([z.number().int().min(1), z.literal('many')]),
      note: z.string().nullable(),
    });
    expect(read(params, { uses: '3', note: 'hi' })).toEqual({ ok: true, value: { uses: 3, note: 'hi' } });
    expect(read(params, { uses: 'many', note: 'null' })).toEqual({ ok: true, value: { uses: 'many', note: null } });
    const refused = read(params, { uses: 'few', note: '' });
    expect(refused.ok ? null : refused.error.get('uses')).toBe('Must be a number. Or: One of: many.');
  });

  it.each([
    [z.string().min(1), '', 'Must not be empty.'],
    [z.string().max(2), 'abc', 'At most 2 characters.'],
    [z.number(), '', 'Must be a number.'],
    [z.number(), '1e999', 'Must be a number.'],
    [z.number().int(), '1.5', 'Must be a whole number.'],
    [z.number().min(2), '1', 'Must be 2 or more.'],
    [z.number().max(2), '3', 'Must be 2 or less.'],
    [z.boolean(), '', 'Choose yes or no.'],
    [z.enum(['a']), 'b', 'Choose one of the values.'],
    [z.object({}), '{', 'Must be JSON, such as ["a", "b"] or {"key": 1}.'],
  ])('name what is wrong with a field (%#)', (schema, text, problem) => {
    const result = read(z.object({ field: schema }), { field: text });
    expect(result.ok ? null : [...result.error]).toEqual([['field', problem]]);
  });

  it('never reach the prototype of an object', () => {
    const fields = buildFields({ properties: JSON.parse('{"__proto__": {"type": "string"}}') });
    const result = readForm(fields, new Map([['__proto__', 'x']]));
    expect(result.ok && Object.hasOwn(result.value, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
