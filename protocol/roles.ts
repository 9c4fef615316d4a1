/** What a viewer may do, from least to most. A role is fixed for the life of a session. */
export const roles = ['view', 'control', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Whether somebody with role `held` may do what asks for role `needed`. */
export function roleAllows(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}
