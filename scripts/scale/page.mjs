// docs/scale.md: the tables and what has to be known to read them.
import { counts, slopes, verdicts } from './table.mjs';

export const page = ({ build, width, depth }) => `# Scale and forgetting

Made by \`node scripts/scale.mjs\`, build \`${build}\`; not edited by hand. Does a network that is wider, or deeper,
forget more of the old task? Every world under three parameterisations: \`standard\` at the rate 0.01, \`ntk\` at 0.05,
\`meanfield\` at 0.01. No world has a rate of its own. What the three comparisons hold equal, and what *rises*, *falls*
and *undecided* mean, is in [definitions](definitions.md#time-and-scale).

**How to read it.** A slope is the change of forgetting (mean squared error) per doubling of the width, or of the
depth: the median over seeds of each seed's least-squares slope, with its 95 % bootstrap interval. *Undecided* is not
"no effect". The widths' table holds ${width.length * 3} intervals: if nothing had an effect, about
${Math.round(width.length * 3 * 0.05)} of them would still leave zero out by chance. *Not there* counts networks that do not reach the common level;
they are left out, and the comparison is then one of those that learn quickly. *There at step 0* counts networks whose
ID loss is at or below the level before fine-tuning begins: their forgetting is 0 by definition, and where they are many
the comparison says little. In a sequence (\`gradual\`, \`rotated\`, \`permuted\`) the ID loss is that of the task being
learned, and the level is met where the sequence first gets there, mostly within its first new task, so that equal ID
loss says nothing of its end. Two of them therefore stand twice among the widths, the second time with one new task
(\`nt=2\`); \`gradual\` with one new task is \`gaussians\`.

## Width

Do wider networks forget more? One word for each of \`standard\`, \`ntk\` and \`meanfield\`; "?" is undecided.

${verdicts(width)}

${counts(width)}

Widths 4, 16, 64 and 256, depth 1, 32 seeds, 256 examples a class. \`lethe run\` of the link repeats the row.

${slopes(width, 'width')}

## Depth

Do deeper networks forget more? The words as above.

${verdicts(depth)}

${counts(depth)}

Depths 1, 2 and 4, width 32, plain layers. A deep network takes many times as long, so there are fewer of
everything: eight seeds, 32 examples a class, and each world once. Intervals are wider for it, and absolute values are
not those of the widths' table. The learning rate and the number of steps are the same at every depth. Each link stands
for three runs, with 1, 2 and 4 in place of D. Depth 1 is trained by the CPU engine, the others by the autodiff engine;
both start from the same draws, and agree at depth 1 within their tolerance.

${slopes(depth, 'depth')}
`;
