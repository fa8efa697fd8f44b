// What the kernel knows: fetched when a reader opens it, equal to what the command line computes, drawn, read aloud,
// and a schedule that pointer and keys change.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertAccessible } from './accessibility.mjs';
import { assertClean, openPage, startLab } from './lab.mjs';
import { command } from './native.mjs';
import { finish, told } from './runs.mjs';

const LINK = '#v=1&x=ntk&w=16,32&p=0,0.1&n=32&pre=300&ft=200&s=0..1';
const ONE = '#v=1&x=ntk&w=32&p=0,0.1&n=32&pre=300&ft=200&s=1';
const DRAG_MS = 50; // of computing, from the schedule to its figure, at n <= 512

let lab;
before(async () => {
  lab = await startLab();
});
after(() => lab?.close());

const fetched = (watch) => watch.requests.filter((url) => url.includes('/theory_worker'));

/** Opens the section and waits until its network is analysed and drawn. */
async function openSection(page) {
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  await page.locator('#theory summary').click();
  await analysed(page);
}

async function analysed(page) {
  await page.waitForFunction(() => /computed in/.test(document.querySelector('#theory [data-part=status]').textContent)
    && document.querySelector('#theory .editor').dataset.fractions, null, { timeout: 60_000 }).catch(async (error) => {
    const [open, status] = await page.locator('#theory').evaluate((section) =>
      [section.querySelector('details').open, section.querySelector('[data-part=status]').textContent]);
    throw new Error(`the section is ${open ? 'open' : 'closed'} and says "${status}"`, { cause: error });
  });
}

const fractions = (page) => page.evaluate(() => JSON.parse(document.querySelector('#theory .editor').dataset.fractions));

/** Waits until the schedule that is foreseen is the one that a test hopes for; resolves to it. */
async function foreseen(page, hoped) {
  let now;
  for (let tries = 0; tries < 100; tries += 1) {
    now = await fractions(page);
    if (hoped(now)) return now;
    await page.waitForTimeout(50);
  }
  throw new Error(`the schedule is ${now}`);
}

test('nothing of it is fetched before it is opened; opened, it speaks and draws', { timeout: 180_000 }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LINK}`);
  await finish(page);
  assert.deepEqual(fetched(watch), [], 'before it is opened');
  assert.match(await page.locator('#theory [data-part=size]').textContent(), /^\d{3} KB$/);

  await openSection(page);
  assert.equal(fetched(watch).length, 3, `loader, script and program: ${fetched(watch)}`);
  const said = await page.locator('#theory .statements li').allTextContents();
  assert.ok(said.length >= 3, `${said.length} statements`);
  for (const text of said) assert.doesNotMatch(text, /NaN|undefined|inf/, text);
  for (const figure of await page.locator('#theory figure:visible').all()) {
    assert.ok(await figure.locator('svg > title').textContent(), 'a figure has a title');
    assert.ok((await figure.locator('.sum').textContent()).length > 20, 'and a sentence');
  }
  assert.deepEqual(await page.locator('#theory .drawn figure').evaluateAll((all) => all.map(({ dataset }) => dataset.theory)),
    ['kernel-map', 'spectrum', 'modes', 'replay-over-time']);
  assert.equal(await page.locator('[data-value="spectrum.examples"]').textContent(), '64', 'beside the equations, too');
  assertClean(watch);
  await close();
});

test('it says and computes what the command line does, to the bit', { timeout: 180_000 }, async () => {
  const { page, watch, close } = await openPage(lab, '/#v=1&x=dynamics&w=4&n=8&pre=10&ft=10&s=0');
  await finish(page);
  const own = await page.evaluate(async (link) => {
    const { theory } = window.lethe;
    const { statements } = await theory.analyse(link, { replay: 0.1 });
    const { kernel, eigenvalues, modes, prediction } = await theory.numbers();
    const listed = (array) => [...array.data];
    return {
      statements,
      shape: kernel.shape,
      kernel: listed(kernel),
      eigenvalues: listed(eigenvalues),
      modes: Object.fromEntries(Object.entries(modes).map(([name, array]) => [name, listed(array)])),
      steps: listed(prediction.steps),
      old: listed(prediction.old_task),
      constant: await theory.bestConstant('end'),
    };
  }, ONE);
  const { status, stdout, stderr } = command('theory', ONE, '--replay', '0.1', '--json');
  assert.equal(status, 0, stderr);
  const native = JSON.parse(stdout);
  assert.deepEqual(own.statements, native.statements);
  assert.deepEqual(own.eigenvalues, native.spectrum.eigenvalues);
  const { eigenvalue, rate_per_step: rate, excitation, forgetting } = native.modes;
  assert.deepEqual(own.modes, { eigenvalue, rate, excitation, forgetting });
  assert.deepEqual([own.steps, own.old], [native.old_task_loss.step, native.old_task_loss['predicted_at_0.1']]);
  assert.equal(own.constant, native.best_constant.end);

  assert.deepEqual([own.shape, own.kernel.length], [[64, 64], 4096]);
  const asymmetric = own.kernel.filter((k, at) => k !== own.kernel[(at % 64) * 64 + Math.floor(at / 64)]);
  assert.deepEqual(asymmetric, [], 'a kernel is symmetric');
  assertClean(watch);
  await close();
});

test('scripts are refused in words, and an older analysis gives way to a newer one', { timeout: 120_000 }, async () => {
  const { page, watch, close } = await openPage(lab, '/#v=1&x=dynamics&w=4&n=8&pre=10&ft=10&s=0');
  await finish(page);
  const words = await page.evaluate(async (link) => {
    const { theory } = window.lethe;
    const refused = (promise) => promise.then((answer) => `answered: ${JSON.stringify(answer)}`, ({ name, message }) => `${name}: ${message}`);
    return {
      early: await refused(theory.numbers()),
      adam: await refused(theory.analyse('#v=1&x=dynamics&opt=adam')),
      bad: await refused(theory.analyse('#v=1&x=ntk&w=abc')),
      width: await refused(theory.analyse(link, { width: 5 })),
      replay: await refused(theory.analyse(link, { replay: 1.5 })),
      large: await refused(theory.analyse('#v=1&x=ntk&w=4096&pre=100000&n=512&s=0')),
      type: await refused(theory.analyse(link, { seed: 'one' })),
      older: await Promise.all([refused(theory.analyse(link)), theory.analyse(link, { width: 32 }).then(({ width }) => width)]),
      figure: await refused(theory.figure('none')),
      side: await refused(theory.figure('spectrum', { width: 1e9 })),
      fraction: await refused(theory.schedule([0, 2])),
    };
  }, LINK);
  assert.match(words.early, /^Error: Nothing has been analysed yet/);
  assert.match(words.adam, /^Error: .*optimiser = "adam"; accepted: gd, sgd or momentum/s);
  assert.match(words.bad, /^Error: .*w(idths)? = "abc"; accepted/s);
  assert.match(words.width, /^Error: width = "5"; accepted: one of the link's, 16 to 32/);
  assert.match(words.replay, /^Error: replay = "1.5"; accepted: a fraction from 0 to 1/);
  assert.match(words.large, /^Error: .*about half a minute/s);
  assert.match(words.type, /^Error: The question could not be read: the field `seed`/);
  assert.match(words.older[0], /^AbortError: /);
  assert.equal(words.older[1], 32);
  assert.match(words.figure, /^Error: figure = "none"; accepted: /);
  assert.match(words.side, /^Error: width = 1000000000; accepted: /);
  assert.match(words.fraction, /^Error: .*accepted/s);
  assertClean(watch);
  await close();
});

describe('the schedule editor', () => {
  test('by pointer: a stroke draws a schedule, and its prediction follows', { timeout: 120_000 }, async () => {
    const { page, watch, close } = await openPage(lab, `/#v=1&x=ntk&w=64&s=0`, { viewport: { width: 1280, height: 900 } });
    await finish(page);
    await openSection(page);
    const bars = page.locator('#theory .bars');
    await bars.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await bars.boundingBox();
    const before = await page.locator('#theory-fig-schedule svg').innerHTML();
    await page.mouse.move(x + 0.5 * width / 20, y + height / 2);
    await page.mouse.down();
    const times = [];
    for (let bar = 1; bar <= 10; bar += 1) {
      await page.mouse.move(x + (bar + 0.5) * width / 20, y + height / 2, { steps: 3 });
      await page.waitForTimeout(120);
      times.push(await page.evaluate(() => {
        const { computedMillis, shownMillis } = document.querySelector('#theory .editor').dataset;
        return [Number(computedMillis), Number(shownMillis)];
      }));
    }
    await page.mouse.up();
    const drawn = await foreseen(page, (now) => now.slice(0, 11).every((p) => Math.abs(p - 0.25) < 0.02));
    assert.ok(drawn.slice(11).every((p) => p === drawn[19] && p < 0.2), `the others stay: ${drawn}`);
    assert.notEqual(await page.locator('#theory-fig-schedule svg').innerHTML(), before, 'the figure is another');
    const sorted = (column) => times.map((pair) => pair[column]).sort((a, b) => a - b);
    const [computed, shown] = [sorted(0), sorted(1)];
    console.log(`# schedule of 512 examples: computed in ${computed[5]} ms (at most ${computed.at(-1)}), pointer to figure ${shown[5]} ms (at most ${shown.at(-1)})`);
    assert.ok(computed[5] > 0 && computed[5] < DRAG_MS, `computed in ${computed[5]} ms`);
    assert.match(await page.locator('#theory [data-part=spent]').textContent(), /^1\d(\.\d)? %$/);
    assertClean(watch);
    await close();
  });

  test('by keys alone, and from schedules that are offered', { timeout: 120_000 }, async () => {
    const { page, watch, close } = await openPage(lab, `/${LINK}`);
    await finish(page);
    await page.locator('#theory summary').focus();
    await page.keyboard.press('Enter');
    await analysed(page);
    const start = await fractions(page);
    assert.equal(start.length, 20);
    await page.locator('#theory .bars [tabindex="0"]').focus();
    await page.keyboard.press('ArrowUp');
    await foreseen(page, (now) => Math.abs(now[0] - start[0] - 0.01) < 1e-9);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    await foreseen(page, (now) => now[1] === 1);
    const bar = page.locator('#theory .bars > div:focus');
    assert.equal(await bar.getAttribute('aria-valuetext'), '100 %');
    assert.equal(await bar.getAttribute('aria-label'), 'Replay in steps 10 to 19');
    await page.keyboard.press('PageDown');
    await foreseen(page, (now) => Math.abs(now[1] - 0.9) < 1e-9);
    await page.keyboard.press('Home');
    await foreseen(page, (now) => now[1] === 0);

    await page.locator('#theory [data-part=budget]').fill('5');
    await page.locator('#theory [data-way=back_loaded]').click();
    assert.deepEqual(await foreseen(page, (now) => now[19] === 1), [...new Array(19).fill(0), 1]);
    await page.locator('#theory [data-way=uniform]').click();
    await foreseen(page, (now) => now.every((p) => Math.abs(p - 0.05) < 1e-12));
    await page.locator('#theory [data-objective=average]').click();
    const found = await foreseen(page, (now) => now.some((p) => Math.abs(p - 0.05) > 1e-3));
    const mean = found.reduce((sum, p) => sum + p, 0) / 20;
    assert.ok(mean <= 0.05 + 1e-9, `the kernel keeps the budget: ${mean}`);
    const cells = await page.locator('#theory [data-part=old_task_average] td').allTextContents();
    assert.ok(Number(cells[0]) <= Number(cells[1]), `prescribed ${cells[0]} against uniform ${cells[1]}`);
    assertClean(watch);
    await close();
  });

  test('its link trains along the schedule', { timeout: 180_000 }, async () => {
    const { page, watch, close } = await openPage(lab, `/${LINK}`);
    await finish(page);
    await openSection(page);
    await page.locator('#theory [data-part=budget]').fill('5');
    await page.locator('#theory [data-way=back_loaded]').click();
    await foreseen(page, (now) => now[19] === 1);
    await page.locator('#theory [data-part=run]').click();
    await page.waitForFunction(() => window.lethe.state().link.includes('rs=0@0,1@190'));
    await finish(page);
    assert.match((await told(page)).link, /x=ntk&w=\d+&.*rs=0@0,1@190/);
    assertClean(watch);
    await close();
  });
});

test('figures leave as files that say where they come from', { timeout: 120_000 }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LINK}`, { acceptDownloads: true });
  await finish(page);
  await openSection(page);
  const figure = page.locator('#theory .drawn figure').nth(1);
  const saved = async (act) => {
    const [download] = await Promise.all([page.waitForEvent('download'), figure.locator(`[data-save=${act}]`).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const svg = await saved('svg');
  assert.match(svg.bytes.toString(), /<metadata>#v=1&amp;x=ntk/);
  const csv = await saved('csv');
  assert.ok(csv.bytes.toString().split('\n').length > 3);
  const png = await saved('png');
  assert.ok(png.bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')));
  assert.match(png.bytes.subarray(0, 400).toString('latin1'), /tEXtSource\0http.*#v=1&x=ntk/s);
  assert.deepEqual([svg.name, csv.name, png.name].map((name) => name.replace(/^lethe-.*\./, '')), ['svg', 'csv', 'png']);
  await figure.locator('[data-save=table]').click();
  await page.locator('#table-scroll td').first().waitFor();
  await page.keyboard.press('Escape');
  assertClean(watch);
  await close();
});

test('it follows the link and the theme, and is gone where nothing is predicted', { timeout: 180_000 }, async () => {
  const { page, watch, close } = await openPage(lab, `/${LINK}`, { colorScheme: 'light' });
  await finish(page);
  await openSection(page);
  const paper = () => page.locator('#theory .drawn figure svg').first().innerHTML();
  const light = await paper();
  await page.locator('#theme-button').click();
  for (let tries = 0; tries < 100 && (await paper()) === light; tries += 1) await page.waitForTimeout(50);
  assert.notEqual(await paper(), light, 'drawn again in the dark');

  assert.deepEqual(await page.locator('[name=theory-width] option').allTextContents(), ['16', '32']);
  await page.evaluate((link) => window.lethe.run(link), '#v=1&x=ntk&w=8,24&p=0,0.1&n=16&pre=100&ft=50&s=4');
  await page.waitForFunction(() => document.querySelector('[name=theory-width]').options[0].value === '8', null, { timeout: 30_000 });
  await page.waitForFunction(() => /^Seed 4.*computed in/.test(document.querySelector('#theory [data-part=status]').textContent), null, { timeout: 60_000 });
  await page.locator('#nav a[data-experiment=dynamics]').click();
  await page.locator('#theory').waitFor({ state: 'hidden' });
  assertClean(watch);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 320, height: 640 }]) {
    test(`it is accessible and fits, ${colorScheme}, ${viewport.width} px`, { timeout: 120_000 }, async () => {
      const { page, watch, close } = await openPage(lab, `/${LINK}`, { colorScheme, viewport, reducedMotion: 'reduce' });
      await finish(page);
      await openSection(page);
      await assertAccessible(page, `the theory, ${colorScheme}, ${viewport.width} px`);
      const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(sizes[0] <= sizes[1], `${sizes[0]} px in ${sizes[1]}`);
      assertClean(watch);
      await close();
    });
  }
}
