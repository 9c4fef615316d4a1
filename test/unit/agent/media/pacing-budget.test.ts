import { describe, expect, it } from 'vitest';
import { PacingBudget } from '../../../../agent/media/pacing-budget.ts';

describe('a pacing budget', () => {
  it('holds one burst of the rate after any pause', () => {
    const budget = new PacingBudget(16);
    budget.setRate(8_000, 0);
    expect(budget.available(10_000)).toBe(16_000);
    budget.spend(16_000);
    expect(budget.available(10_000)).toBe(0);
    expect(budget.available(10_004)).toBe(4_000);
  });

  it('says how long until an overdrawn one is filled', () => {
    const budget = new PacingBudget(16);
    budget.setRate(8_000, 0);
    budget.spend(18_000);
    expect(budget.waitMs(0)).toBe(2);
  });

  it('lets the first bytes leave beyond that, once, however late they come', () => {
    const budget = new PacingBudget(16, 40_000);
    budget.setRate(8_000, 0);
    budget.setRate(4_000, 5_000);
    expect(budget.available(5_000)).toBe(48_000);
    budget.spend(44_000);
    expect(budget.available(5_000)).toBe(4_000);
    expect(budget.available(60_000)).toBe(8_000);
  });
});
