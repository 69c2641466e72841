// SPDX-License-Identifier: Apache-2.0
// The dashboard in a real browser: node browser.cjs CHROMIUM AXE BASE TOKEN OUT PATH...
// For each path, light and dark, wide, 390 and 320 px: a picture in OUT, and one JSON line with what the console said, what the
// page loaded from elsewhere, whether it scrolls sideways, and what axe-core finds by the rules of WCAG 2.2 AA.
'use strict';
const fs = require('fs');
const path = require('path');
const puppeteer = require('puppeteer-core');

const [chromium, axe, base, token, out, ...paths] = process.argv.slice(2);
const WIDTHS = [1280, 390, 320];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function look(browser, target, scheme, width) {
    const page = await browser.newPage();
    const said = [];
    const refused = [];
    const elsewhere = [];
    page.on('console', (m) => said.push(m.text()));
    page.on('pageerror', (e) => said.push(String(e)));
    page.on('dialog', (d) => { said.push('dialog ' + d.message()); d.dismiss(); });
    page.on('response', (r) => { if (!r.ok() && r.status() !== 304) refused.push(r.status() + ' ' + r.url()); });
    page.on('request', (r) => { if (!r.url().startsWith(base + '/')) elsewhere.push(r.url()); });
    await page.setExtraHTTPHeaders({Authorization: 'Bearer ' + token});
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
    await page.setViewport({width, height: 900});
    await page.goto(base + target, {waitUntil: 'networkidle0'});
    const name = (target === '/' ? 'waiting' : target.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '')) + '-' + scheme + '-' + width;
    await page.screenshot({path: path.join(out, name + '.png'), fullPage: true});
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const styled = await page.evaluate(() => getComputedStyle(document.querySelector('.bar')).backgroundColor);
    // would it be said if the policy were broken? Somebody's script and style are put in, and must be refused aloud
    const quiet = said.length;
    const ran = await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.body.append(script);
        document.body.setAttribute('style', 'color: red');
        return new Promise((done) => setTimeout(() => done(window.ran === true), 100));
    });
    const guarded = !ran && said.splice(quiet).filter((text) => text.includes('Content Security Policy')).length === 2;
    // what axe needs is put in by the browser itself, not by the page: the page's policy forbids it every script
    await page.setBypassCSP(true);
    await page.goto(base + target, {waitUntil: 'networkidle0'});
    await page.addScriptTag({content: fs.readFileSync(axe, 'utf8')});
    const found = await page.evaluate((tags) => window.axe.run(document, {runOnly: {type: 'tag', values: tags}}), RULES);
    const violations = found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join('; ')}`);
    await page.close();
    console.log(JSON.stringify({target, scheme, width, said, refused, elsewhere, sideways, styled, guarded, violations, passes: found.passes.length}));
}

// With the keyboard: the first stop is the way past the frame; then the filters, sent as a form.
async function walk(browser) {
    const page = await browser.newPage();
    const said = [];
    page.on('console', (m) => said.push(m.text()));
    await page.setExtraHTTPHeaders({Authorization: 'Bearer ' + token});
    await page.goto(base + '/', {waitUntil: 'networkidle0'});
    await page.keyboard.press('Tab');
    const first = await page.evaluate(() => {
        const at = document.activeElement;
        return {words: at.textContent, top: at.getBoundingClientRect().top, ring: getComputedStyle(at).outlineStyle};
    });
    await page.keyboard.press('Enter');
    const skipped = await page.evaluate(() => document.activeElement.id);
    await page.select('#status', 'blocked');
    await page.focus('button');
    await Promise.all([page.waitForNavigation({waitUntil: 'networkidle0'}), page.keyboard.press('Enter')]);
    const rows = await page.evaluate(() => [...document.querySelectorAll('tbody .pill')].map((e) => e.textContent));
    const url = page.url().slice(base.length);
    await page.close();
    console.log(JSON.stringify({walk: true, first, skipped, url, rows, said}));
}

(async () => {
    const browser = await puppeteer.launch({executablePath: chromium, headless: true, acceptInsecureCerts: true,
                                            args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars']});
    try {
        await walk(browser);
        for (const target of paths) {
            for (const scheme of ['light', 'dark']) {
                for (const width of WIDTHS) {
                    await look(browser, target, scheme, width);
                }
            }
        }
    } finally {
        await browser.close();
    }
})().catch((e) => { console.error(e); process.exit(1); });
