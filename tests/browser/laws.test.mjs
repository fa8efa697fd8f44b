// The view of the laws: fetched when a reader opens it; a link runs, pauses, is given up, saved and reproduced; texts side
// by side, the visitor's own runs, settings, and the lab beside it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertAccessible } from './accessibility.mjs';
import { assertClean, openPage, startLab } from './lab.mjs';
import { finish } from './runs.mjs';

const LAB = '#v=1&x=dynamics&w=4&n=8&pre=10&ft=10&s=0';
const SHORT = '#v=1&x=laws&r=1,4&ft=20&s=0,1';
const LONG = '#v=1&x=laws&r=1,2,4,8&ft=150&s=0..3';
const FINISHED_MS = 120_000;

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

/** Workers of the laws, in `window.started`: whether they are alive, and whether they train. */
const watchWorkers = (context) => context.addInitScript(() => {
  window.started = [];
  window.Worker = class extends window.Worker {
    constructor(...given) {
      super(...given);
      if (!String(given[0]).includes('language_worker')) return;
      Object.assign(this, { isAlive: true, isTraining: false });
      this.addEventListener('message', ({ data }) => { if (data.answer?.done) this.isTraining = false; });
      window.started.push(this);
    }

    postMessage(message, ...rest) {
      if (message?.ask?.advance) this.isTraining = true;
      super.postMessage(message, ...rest);
    }

    terminate() {
      this.isAlive = false;
      super.terminate();
    }
  };
});

const fetched = (watch) => watch.requests.filter((url) => /\/language_worker|\/bases\//.test(url));
const told = (page) => page.evaluate(() => window.lethe.laws.state());

/** Waits until the run is at one of some phases. */
async function phase(page, ...wanted) {
  const is = (names) => names.includes(window.lethe?.laws?.state().phase);
  await page.waitForFunction(is, wanted, { timeout: FINISHED_MS }).catch(async (error) => {
    throw new Error(`it is at ${JSON.stringify(await told(page))}, not ${wanted}`, { cause: error });
  });
}

test('nothing of it is fetched before its view is opened, and its tab runs nothing', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LAB}`);
  await finish(page);
  assert.deepEqual(fetched(watch), [], 'before it is opened');
  assert.match(await page.locator('#laws-tab').getAttribute('title'), /fetches a program of [\d.]+ [KM]B/);
  await page.locator('#laws-tab').click();
  await phase(page, 'idle');
  assert.equal(await page.locator('#laws').isVisible(), true);
  assert.deepEqual(await page.locator('#figures, #said, #theory').filter({ visible: true }).count(), 0, 'the lab is hidden');
  assert.deepEqual(fetched(watch).filter((url) => url.includes('/bases/')), [], 'no base model before a run');
  assert.equal(await page.locator('#laws-tab').getAttribute('aria-current'), 'page');
  assert.equal(await page.locator('#nav [data-experiment][aria-current]').count(), 0);
  assert.equal(await page.locator('#law-r').inputValue(), '1,2,4,8,16,32');
  assert.match(await page.locator('#law-about-r').textContent(), /1 to 64/, 'what is accepted is said');
  assertClean(watch);
  await close();
});

test('a short link runs to its end by itself: sentence, statements, figures, texts', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${SHORT}`);
  await phase(page, 'finished');
  const state = await told(page);
  assert.deepEqual([state.done, state.jobs, state.failure, state.notices], [4, 4, null, []]);
  assert.equal(await page.locator('#laws-said').textContent(), state.headline);
  const statements = await page.locator('#laws [data-part=statements] li').allTextContents();
  assert.ok(statements.length > 0, 'there are statements');
  for (const text of statements) {
    assert.doesNotMatch(text, /NaN|undefined|inf\b/, text);
  }
  const figures = page.locator('#laws [data-part=drawn] figure');
  assert.ok(await figures.count() >= 3, `${await figures.count()} figures`);
  for (const figure of await figures.all()) {
    assert.ok(await figure.locator('svg > title').textContent(), 'a figure has a title');
    assert.ok((await figure.locator('.sum').textContent()).length > 20, 'and a sentence');
  }
  assert.equal(await page.evaluate(() => location.hash), SHORT, 'the address keeps the link');
  assert.match(await page.locator('#laws-link').inputValue(), /&fp=/, 'the link to share has the fingerprint');

  await page.locator('#laws .texts article').first().waitFor();
  assert.ok(await page.locator('#laws .texts article').count() >= 5);
  const steps = await page.locator('#laws [name=step] option').allTextContents();
  assert.equal(steps.at(-1), '20');
  const { texts } = await page.evaluate(() => window.lethe.laws.texts({ cell: 1, seed: 1 }));
  const differing = texts.flatMap(({ base, tuned }) => [...base, ...tuned]).filter(({ differs }) => differs).length;
  assert.ok(differing > 0, 'the tuned model writes something else');
  await page.locator('#laws [name=cell]').selectOption('1');
  await page.locator('#laws [name=seed]').selectOption('1');
  await page.waitForFunction((count) => document.querySelectorAll('#laws .texts mark').length === count, differing);
  assert.match(await page.evaluate(() => getComputedStyle(document.querySelector('#laws .texts mark')).textDecorationLine),
    /underline/, 'differences do not hang on colour');
  assertClean(watch);
  await close();
});

test('a run pauses, goes on and is given up', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LONG}`);
  const steps = () => page.locator('#laws [data-part=progress]').evaluate(({ value }) => value);
  await phase(page, 'running');
  await page.waitForFunction(() => document.querySelector('#laws [data-part=progress]').value > 0);
  await page.locator('#laws [data-part=pause]').click();
  await phase(page, 'paused');
  await page.waitForTimeout(1500); // what trainers are at ends
  const held = await steps();
  await page.waitForTimeout(1000);
  assert.equal(await steps(), held, 'paused');
  assert.equal(await page.locator('#laws [data-part=run]').textContent(), 'Resume');
  await page.locator('#laws [data-part=run]').click();
  await page.waitForFunction((before) => document.querySelector('#laws [data-part=progress]').value > before, held);
  await page.locator('#laws [data-part=cancel]').click();
  await phase(page, 'idle');
  assert.equal(await page.locator('#laws [data-part=run]').getAttribute('aria-disabled'), 'false');
  assertClean(watch);
  await close();
});

for (const isPaused of [false, true]) {
  test(`a run whose worker ends${isPaused ? ' while it is paused' : ''} is begun anew by another one`, { timeout: FINISHED_MS }, async () => {
    const link = SHORT.replace('ft=20', 'ft=60');
    const { page, watch, close } = await openPage(lab, `/${link}`, { prepare: watchWorkers });
    await page.waitForFunction(() => document.querySelector('#laws [data-part=progress]')?.value > 0
      && window.started.some(({ isAlive, isTraining }) => isAlive && isTraining));
    if (isPaused) {
      await page.evaluate(() => window.lethe.laws.pause());
      await page.waitForTimeout(1500); // what trainers are at ends
    }
    const before = await page.evaluate(() => {
      const { length } = window.started;
      window.started.find(({ isAlive, isTraining }) => isAlive && isTraining)
        .onerror(new ErrorEvent('error', { message: 'planted', cancelable: true }));
      return length;
    });
    if (isPaused) await page.evaluate(() => window.lethe.laws.resume());
    await phase(page, 'finished');
    assert.ok(await page.evaluate(() => window.started.length) > before, 'another worker was started');
    const { fingerprint } = await told(page);
    await page.evaluate((again) => window.lethe.laws.run(again), link);
    assert.equal((await told(page)).fingerprint, fingerprint, 'and nothing of it is seen in the result');
    assertClean(watch);
    await close();
  });
}

test('cancelled while it is paused, it leaves no trainer behind', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LONG}`, { prepare: watchWorkers });
  const alive = () => page.evaluate(() => window.started.filter(({ isAlive }) => isAlive).length);
  await page.waitForFunction(() => document.querySelector('#laws [data-part=progress]')?.value > 0);
  assert.ok(await alive() > 1, 'one gathers, others train');
  await page.locator('#laws [data-part=pause]').click();
  await phase(page, 'paused');
  await page.waitForTimeout(1500); // what trainers are at ends
  await page.locator('#laws [data-part=cancel]').click();
  await phase(page, 'idle');
  await page.waitForTimeout(500); // in which a trainer could ask again
  assert.equal(await alive(), 1, 'the one that gathers');
  assertClean(watch);
  await close();
});

test('Retry trains what could not begin, not the run before', { timeout: FINISHED_MS }, async () => {
  const { page, close } = await openPage(lab, `/${SHORT}`);
  await phase(page, 'finished');
  const { fingerprint } = await told(page);
  await page.route('**/bases/small-0/**', (route) => route.abort());
  await page.evaluate((link) => { location.hash = link; }, `${SHORT}&m=small`);
  await phase(page, 'failed');
  assert.match((await told(page)).failure, /small-0 could not be fetched.*\. Nothing was started; press Retry\.$/);
  await page.unroute('**/bases/small-0/**');
  await page.locator('#laws [data-part=run]').click();
  await phase(page, 'finished');
  const state = await told(page);
  assert.match(state.link, /&m=small/);
  assert.equal(state.stale, false);
  assert.notEqual(state.fingerprint, fingerprint);
  await close();
});

test('Cancel keeps the run that is complete, and a link opened meanwhile waits', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${SHORT}`);
  await phase(page, 'finished');
  const { fingerprint } = await told(page);
  await page.evaluate((link) => { location.hash = link; }, LONG);
  await phase(page, 'running');
  await page.evaluate((link) => { location.hash = link; }, SHORT);
  await page.waitForFunction(() => window.lethe.laws.state().notices.some((words) => words.startsWith('Another run is at work')));
  assert.equal((await told(page)).phase, 'running');
  await page.locator('#laws [data-part=cancel]').click();
  await phase(page, 'idle');
  await page.evaluate(() => {
    const { state, listen } = window.letheLaws;
    const cancel = document.querySelector('#laws [data-part=cancel]');
    listen(() => state.phase === 'fitting' && cancel.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));
  });
  await page.locator('#laws [data-part=run]').click();
  await phase(page, 'finished');
  assert.equal(await page.evaluate(() => window.letheLaws.state.fitted), null, 'fitting was cut short');
  await page.waitForFunction((own) => window.lethe.laws.state().fingerprint === own, fingerprint);
  assert.deepEqual((await told(page)).notices, []);
  assert.equal(await page.locator('#laws [data-part=save-record]').getAttribute('aria-disabled'), 'false');
  assertClean(watch);
  await close();
});

test('what the worker that gathers knew is known to the next one', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${SHORT}`, { prepare: watchWorkers });
  await phase(page, 'finished');
  const csv = () => page.evaluate(() => window.lethe.laws.csv());
  const before = await csv();
  await page.evaluate(() => {
    window.started.find(({ isAlive }) => isAlive).onerror(new ErrorEvent('error', { message: 'planted', cancelable: true }));
  });
  assert.equal(await csv(), before);
  const { id } = (await page.evaluate(() => window.lethe.laws.report())).figures[0];
  assert.match((await page.evaluate((figure) => window.lethe.laws.figure(figure), id)).svg, /^<svg/);
  assertClean(watch);
  await close();
});

test('a record and a link are reproduced exactly', { timeout: 2 * FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${SHORT}`, { acceptDownloads: true });
  await phase(page, 'finished');
  const saved = async (part) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`#laws [data-part=${part}]`).click()]);
    return { name: download.suggestedFilename(), path: await download.path() };
  };
  const record = await saved('save-record');
  assert.match(record.name, /^lethe-laws-.*\.json$/);
  const csv = readFileSync((await saved('save-csv')).path, 'utf8');
  assert.match(csv, /^run,family,/);
  const { fingerprint, link } = await told(page);
  const text = readFileSync(record.path, 'utf8');
  assert.equal(JSON.parse(text).fingerprint, fingerprint);
  await close();

  const again = await openPage(lab, '/#v=1&x=laws');
  await phase(again.page, 'idle');
  await again.page.locator('#laws [data-part=open-record]').setInputFiles({ name: record.name, mimeType: 'application/json', buffer: Buffer.from(text) });
  await phase(again.page, 'finished');
  assert.equal(await again.page.locator('#laws-verdict').textContent(), 'Reproduced exactly');
  assert.equal(await again.page.locator('#laws-verdict').getAttribute('data-verdict'), 'exact');
  await again.page.locator('#laws [data-part=open-record]').setInputFiles({ name: 'no.json', mimeType: 'application/json', buffer: Buffer.from('{"schema": 1}') });
  await again.page.waitForFunction(() => /This record was not opened\./.test(document.querySelector('#laws [data-part=record-error]').textContent));
  assertClean(again.watch);
  await again.close();

  const shared = await openPage(lab, `/${link}`);
  await phase(shared.page, 'finished');
  assert.equal(await shared.page.locator('#laws-verdict').textContent(), 'Reproduced exactly');
  assertClean(shared.watch);
  await shared.close();
  assertClean(watch);
});

test('settings write the link, mark what is stale, and refuse in words', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${SHORT}`);
  await phase(page, 'finished');
  const set = async (key, value) => {
    await page.locator(`#law-${key}`).fill(value);
    await page.locator(`#law-${key}`).press('Tab');
  };
  if (!await page.locator('#law-r').isVisible()) await page.locator('#laws .settings > summary').click();
  await set('r', '1,4,900');
  await page.waitForFunction(() => /accepted/.test(document.getElementById('law-err-r').textContent));
  assert.equal(await page.locator('#law-r').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.evaluate(() => location.hash), SHORT, 'what is refused changes no link');
  await set('r', '2,4');
  await page.waitForFunction(() => location.hash.includes('r=2,4'));
  assert.equal(await page.locator('#law-err-r').textContent(), '');
  assert.equal(await page.locator('#laws-said').textContent(), 'Settings changed; press Run.');
  assert.ok(await page.locator('#laws [data-part=drawn] figure[data-stale]').count() > 0);
  await page.locator('#laws-said').evaluate(() => history.back());
  await page.waitForFunction((link) => location.hash === link, SHORT);
  await page.waitForFunction(() => document.querySelectorAll('#laws figure[data-stale]').length === 0);
  assert.equal(await page.locator('#law-r').inputValue(), '1,4');
  assertClean(watch);
  await close();
});

describe('the visitor’s own runs', () => {
  /** Runs of the paper's shape, with a little noise of its own. */
  function rows(header) {
    const lines = [header];
    for (const [k, parameters] of [1e6, 2e6, 4e6, 8e6, 16e6, 32e6].entries()) {
      for (let steps = 50; steps <= 250; steps += 20) {
        const gained = ((2e7 / parameters) ** 0.1 + (90 / steps) ** 0.5) ** 1.5;
        const noise = 0.004 * Math.sin(7 * k + steps);
        lines.push([parameters, steps, (0.9 + 0.12 * gained + noise).toFixed(5), (2.2 - 0.3 * gained - noise).toFixed(5)].join(','));
      }
    }
    return lines;
  }
  const file = (name, lines) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`${lines.join('\n')}\n`) });
  const GOOD = 'parameters,steps,fine_tuning_loss,forgetting';

  test('are fitted; a bad row is named by its line and left out if one wants', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, '/#v=1&x=laws');
    await phase(page, 'idle');
    const bad = rows(GOOD);
    bad.splice(3, 0, '1000000,80,nothing,1.5');
    await page.locator('#laws-own-files').setInputFiles(file('runs.csv', bad));
    const item = page.locator('#laws .own-files > li');
    // The file is listed before it is read.
    await item.locator('.bad').filter({ hasText: 'line 4, fine_tuning_loss = "nothing"' }).waitFor();
    assert.equal(await page.locator('#laws [data-part=own-result]').isVisible(), false, 'nothing of it was taken');
    await item.locator('[data-act=skip]').click();
    await page.locator('#laws [data-part=own-result]').waitFor();
    await page.waitForFunction(() => /95 %/.test(document.querySelector('#laws [data-part=own-statements]').textContent));
    assert.ok(await page.locator('#laws [data-part=own-drawn] figure svg').count() >= 2);
    await page.locator('#laws [data-part=own-advise] [name=budget]').fill('1.9');
    await page.locator('#laws [data-part=own-advise] button').click();
    await page.waitForFunction(() => /steps|No advice/.test(document.querySelector('#laws [data-part=own-advise] .advice').textContent));
    await item.locator('[data-act=drop]').click();
    await page.locator('#laws [data-part=own-result]').waitFor({ state: 'hidden' });
    assertClean(watch);
    await close();
  });

  test('too large a file is refused by name before it is read, and the others are read', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, '/#v=1&x=laws');
    await phase(page, 'idle');
    const drop = (selector, name) => page.evaluate(([place, large, good]) => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['x'], large));
      dropped.items.add(new File([good], 'good.csv'));
      const files = [...dropped.files];
      Object.defineProperty(files[0], 'size', { value: 1e10 });
      for (const how of ['arrayBuffer', 'text']) files[0][how] = () => { window.isRead = true; };
      const event = new Event('drop', { bubbles: true, cancelable: true });
      event.dataTransfer = { files };
      document.querySelector(place).dispatchEvent(event);
    }, [selector, name, rows(GOOD).join('\n')]);
    await drop('#laws [data-part=own-drop]', 'large.csv');
    await page.locator('#laws [data-part=own-result]').waitFor();
    const items = await page.locator('#laws .own-files > li').allTextContents();
    assert.match(items[0], /large\.csv = "10000000000 bytes"; accepted: a file of at most 67108864 bytes\./);
    assert.match(items[1], /66 rows of 6 runs\./);
    await drop('#laws [data-part=panel]', 'large.json');
    await page.waitForFunction(() => /large\.json = /.test(document.querySelector('#laws [data-part=record-error]').textContent));
    assert.equal(await page.evaluate(() => window.isRead), undefined);
    assertClean(watch);
    await close();
  });

  test('in columns of other names, which the page asks for', { timeout: FINISHED_MS }, async () => {
    const { page, watch, close } = await openPage(lab, '/#v=1&x=laws');
    await phase(page, 'idle');
    await page.locator('#laws-own-files').setInputFiles(file('mine.csv', rows('trainable,steps,eval,kl')));
    const mapping = page.locator('#laws [data-part=mapping]');
    await mapping.waitFor();
    assert.match(await page.locator('#laws .own-files').textContent(), /parameters or fine_tuning_loss or forgetting/);
    assert.equal(await mapping.locator('select').first().evaluate((select) => select === document.activeElement), true);
    for (const [field, column] of [['parameters', 'trainable'], ['fine_tuning_loss', 'eval'], ['forgetting', 'kl']]) {
      await mapping.locator(`[data-field=${field}] [data-column]`).selectOption(column);
    }
    await mapping.locator('button').click();
    await page.locator('#laws [data-part=own-result]').waitFor();
    assert.equal(await mapping.isVisible(), false);
    assert.equal(await page.locator('#laws [data-act=map]').evaluate((button) => button === document.activeElement), true);
    assertClean(watch);
    await close();
  });
});

test('the lab is left and found again, and its keys rest meanwhile', { timeout: FINISHED_MS }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LAB}`);
  await finish(page);
  const lethe = () => page.evaluate(() => window.lethe.state());
  const before = await lethe();
  await page.evaluate((link) => { location.hash = link; }, LONG);
  await phase(page, 'running');
  await page.keyboard.press('b');
  const during = await lethe();
  assert.deepEqual([during.link, during.phase, during.notices], [before.link, before.phase, before.notices]);
  assert.equal(await page.evaluate(() => location.hash), LONG);

  await page.locator('#nav a[data-experiment=width]').click();
  await page.locator('#figures').waitFor();
  await phase(page, 'paused');
  assert.equal(await page.locator('#laws').isVisible(), false);
  assert.match(await page.evaluate(() => location.hash), /^#v=1&x=width/);
  assert.equal(await page.locator('#nav a[data-experiment=width]').getAttribute('aria-current'), 'page');
  await page.goBack();
  await page.locator('#laws').waitFor();
  await phase(page, 'paused');
  await page.locator('#nav a[data-experiment=width]').click();
  await page.locator('#figures').waitFor();
  assert.match(await page.evaluate(() => location.hash), /^#v=1&x=width/, 'the same experiment is found again, too');
  await page.locator('#laws-tab').click();
  await page.locator('#laws').waitFor();
  assert.equal(await page.evaluate(() => location.hash), LONG, 'the tab leads back to where one was');
  assertClean(watch);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 320, height: 640 }]) {
    test(`it is accessible and fits, ${colorScheme}, ${viewport.width} px`, { timeout: FINISHED_MS }, async () => {
      const { page, watch, close } = await openPage(lab, `/${SHORT}`, { colorScheme, viewport, reducedMotion: 'reduce' });
      await phase(page, 'finished');
      await page.locator('#laws .texts article').first().waitFor();
      await page.evaluate(() => document.querySelectorAll('#laws details').forEach((fold) => { fold.open = true; }));
      await assertAccessible(page, `the laws, ${colorScheme}, ${viewport.width} px`);
      const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(sizes[0] <= sizes[1], `${sizes[0]} px in ${sizes[1]}`);
      assertClean(watch);
      await close();
    });
  }
}
