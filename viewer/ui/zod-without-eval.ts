import { z } from 'zod';

// Zod compiles its checks with `new Function` where it can, and finds out by trying: a page whose policy forbids eval would
// report a violation at every start. To be imported before the first check runs.
z.config({ jitless: true });
