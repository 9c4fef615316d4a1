/** What a viewer may do, from least to most. A role is fixed for the life of a session. */
export const roles = ['view', 'control', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Whether somebody with role `held` may do what asks for role `needed`. A role that does not exist allows nobody. */
export function roleAllows(held: Role, needed: Role): boolean {
  const neededRank = roles.indexOf(needed);
  return neededRank >= 0 && roles.indexOf(held) >= neededRank;
}
