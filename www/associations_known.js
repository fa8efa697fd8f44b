// What is known of tasks and examples otherwise: which groups are forgotten together, and what the leading factors go with.
(() => {
  const TURN_MS = 60; // of work at a time
  const PAIRS = 10; // of groups that are told, the surest first

  /** Binds the part of an explorer. */
  function known(place, ask, trouble) {
    const { fill, whole } = window.letheExplorer;
    const find = (part) => place.querySelector(`[data-part="${part}"]`);
    const [status, groups, pairs, factors] = ['known-status', 'groups', 'pairs', 'beside-factors'].map(find);
    let turn = 0;

    const say = (text) => { if (status.textContent !== text) status.textContent = text; };
    const percent = (value) => `${(100 * value).toFixed(1)} %`;
    const signed = (value, digits) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
    const chance = (p) => (p < 1e-4 ? '< 0.0001' : p.toFixed(4));
    const scrolled = (table) => table.closest('.table-scroll');

    /** Asks until all of it is there; null where something newer is asked for. */
    async function gradually(question, words, now) {
      for (;;) {
        const answer = await ask(question);
        if (now !== turn) return null;
        if (answer.share >= 1) return answer;
        say(`${words}, ${Math.floor(100 * answer.share)} %`);
      }
    }

    function tellFactors(correlations) {
      const told = (bounded) => {
        if (bounded === null) return 'undefined';
        const { coefficient, interval, p_value: p } = bounded;
        const within = interval ? ` (${signed(interval.low, 2)} to ${signed(interval.high, 2)})` : '';
        return `${signed(coefficient, 3)}${within}, p ${chance(p)}`;
      };
      const lines = correlations.map(({ of, property, factor, pearson, spearman }) => [property, of, String(factor), told(pearson), told(spearman)]);
      fill(factors, 'Factors beside properties: correlation (95 % interval), p-value of this test alone.', ['property', 'of', 'factor', 'Pearson', 'Spearman'], lines);
    }

    function tellGroups(all) {
      const lines = all.map(({ property, labels, shared_within: shared, by_chance: chanced, p_value: p }) => [
        property, whole(labels.length), percent(shared), `${percent(chanced.mean)}; 95 of 100 below ${percent(chanced.q95)}`, chance(p),
      ]);
      fill(groups, 'How much groups of examples share of what task + example leaves, beside groups dealt by chance: the same labels on other examples.',
        ['groups by', 'groups', 'shared', 'by chance', 'p'], lines);
      const each = all.flatMap(({ property, labels, pairs: own }) => own.filter(({ together }) => together !== null)
        .map((pair) => ({ ...pair, name: `${property}: ${labels[pair.first]} with ${labels[pair.second]}` })));
      each.sort((a, b) => a.p_value - b.p_value);
      const more = each.length > PAIRS ? ` The surest ${PAIRS} of ${whole(each.length)}.` : '';
      fill(pairs, `Which groups go together: correlation over tasks of their mean forgetting; beyond the rest: given the mean of all other examples; p after Holm’s correction over pairs.${more}`,
        ['groups', 'together', 'beyond the rest', 'p'],
        each.slice(0, PAIRS).map(({ name, together, beyond_the_rest: beyond, p_value: p }) => [name, signed(together, 3), beyond === null ? '–' : signed(beyond, 3), chance(p)]));
    }

    /** Tells what is known of this matrix, up to a factor. */
    async function show(source, { numbers, groupings }, rank) {
      turn += 1;
      const now = turn;
      delete place.dataset.known;
      find('known').hidden = numbers + groupings === 0;
      scrolled(factors).hidden = numbers === 0;
      for (const table of [groups, pairs]) scrolled(table).hidden = groupings === 0;
      if (find('known').hidden) return;
      try {
        if (numbers > 0) {
          const answer = await gradually({ factors: { source, rank, millis: TURN_MS } }, 'Comparing', now);
          if (answer === null) return;
          tellFactors(answer.correlations);
        }
        if (groupings > 0) {
          const answer = await gradually({ together: { source, millis: TURN_MS } }, 'Permuting', now);
          if (answer === null) return;
          tellGroups(answer.groups);
        }
        say('');
        place.dataset.known = `${source} ${rank}`;
      } catch (error) {
        if (now !== turn) return;
        say('');
        trouble(error);
      }
    }

    return { show, stop: () => { turn += 1; } };
  }

  window.letheKnown = { known };
})();
