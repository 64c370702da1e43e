// How the main pages of each area read to assistive technology: their landmarks, headings, tables and figures. Snapshots
// name what has to be there, in order; what changes from run to run is left out or a pattern.
import { settle, signIn, signInAs } from "./people";
import { expect, test } from "./platform";
import { accept, call, closePeriod, foundBuyer, type Buyer } from "./trade";

test("the storefront reads as it should", async ({ page }) => {
  await settle(page, "/?lang=en");
  await expect(page.locator("body")).toMatchAriaSnapshot(`
    - link "Skip to content"
    - banner:
      - link "Tallystick 算市"
      - navigation "Main":
        - link "Capabilities"
        - link "Listings"
        - link "Stores"
      - group "Language":
        - button "English" [pressed]
        - button "中文"
      - combobox "Theme"
      - paragraph:
        - link "Sign in"
        - link "Sign up"
    - main:
      - heading "Buyer and seller read the same meter." [level=1]
      - search:
        - combobox "Search capabilities, listings and stores"
        - button "Search"
      - figure:
        - img /A tally stick split lengthwise/
      - list "The market in numbers":
        - listitem: /\\d+ standard capabilities/
        - listitem: /\\d+ can be called today/
      - region "Try one now":
        - heading "Try one now" [level=2]
        - list "Try one now":
          - listitem:
            - link /Chinese Word Segmentation .* free allowance/
      - region "The market as a map":
        - heading "The market as a map" [level=2]
    - contentinfo
  `);
  await settle(page, "/listings?lang=en");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "Listings" [level=1]
    - group:
      - group "Kind":
        - checkbox /Model \\d+/
      - group "Category"
      - group "Counted by"
      - group "Free allowance"
      - group "Health":
        - checkbox /Passed its last probe \\d+/
      - group "Provider"
      - group "Runs"
      - group "Licence"
      - textbox "Highest unit price"
    - group "Search and order":
      - searchbox "Search in Chinese or English"
      - combobox "Order"
      - button "Download CSV"
    - list:
      - listitem:
        - heading "Reference Text" [level=2]:
          - link "Reference Text"
  `);
});

test("a capability reads as it should", async ({ page }) => {
  await settle(page, "/capabilities/chinese-word-segmentation?lang=en");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - navigation "Where this page is":
      - list:
        - listitem:
          - link "Capabilities"
        - listitem:
          - link "Natural Language Processing"
    - heading "Chinese Word Segmentation" [level=1]
    - term: Offered by
    - definition: /\\d+/
    - term: Counted by
    - definition: character
    - definition:
      - code: /text
    - list "What it takes and gives":
      - listitem: text → tokens
    - region "Try it":
      - heading "Try it" [level=2]
      - textbox /text/
      - button "Call"
    - region "Offers":
      - heading "Offers" [level=2]
      - group "Offers side by side":
        - table "Offers side by side"
    - region "Call it from code":
      - heading "Call it from code" [level=2]
      - tablist "Call it from code":
        - tab "curl" [selected]
        - tab "Python"
        - tab "JavaScript"
        - tab "Rust"
    - region "Contract":
      - heading "Input" [level=3]
      - 'group "Fields: Input"':
        - 'table "Fields: Input"'
      - heading "Output" [level=3]
      - 'group "Fields: Output"':
        - 'table "Fields: Output"'
    - region "Examples"
  `);
});

test.describe("after a sale", () => {
  let buyer: Buyer;
  let invoice: string;

  test.beforeAll(async ({ platform }) => {
    buyer = await foundBuyer(platform, "outline");
    await accept(platform, buyer);
    for (let each = 0; each < 3; each += 1) await call(platform, buyer);
    invoice = await closePeriod(platform, buyer);
  });

  test("the usage dashboard and an invoice read as they should", async ({ page, platform }) => {
    await signInAs(page, platform, "outline@join.example", "/usage");
    await settle(page, "/usage?lang=en");
    await expect(page.getByRole("main")).toMatchAriaSnapshot(`
      - navigation "Usage and billing":
        - list:
          - listitem:
            - link "At a glance"
          - listitem:
            - link "Explore"
          - listitem:
            - link "Calls"
          - listitem:
            - link "Invoices"
          - listitem:
            - link "Agreements"
          - listitem:
            - link "API keys"
          - listitem:
            - link "Members"
          - listitem:
            - link "Profile"
      - heading "Usage and billing" [level=1]
      - region "Free allowance left":
        - heading "Free allowance left" [level=2]
        - img /Of 100 free characters/
      - region "Calls as they happen":
        - group "Newest calls":
          - table "Newest calls":
            - rowgroup:
              - row:
                - columnheader "When"
                - columnheader "Capability"
                - columnheader "Listing"
                - columnheader "Free"
                - columnheader "Value-added"
                - columnheader "Estimate"
                - columnheader "Called by"
            - rowgroup:
              - row /50 characters .* nightly batch/
    `);
    await settle(page, `/usage/invoices/${invoice}?lang=en`);
    await expect(page.getByRole("main")).toMatchAriaSnapshot(`
      - heading /Invoice/ [level=1]
      - button "Download CSV"
      - button "Print"
      - term: Number
      - term: State
      - definition: Issued
      - region "Lines":
        - region:
          - table:
            - rowgroup:
              - row "Line Free Value-added Exact charge Tax Amount"
            - rowgroup:
              - row /Usage.*characters 100 50 .*0\\.10/
    `);
  });

  test("the seller desk reads as it should", async ({ page, platform }) => {
    await signIn(page, platform, "seller", "/sell");
    await settle(page, "/sell?lang=en");
    await expect(page.getByRole("main")).toMatchAriaSnapshot(`
      - navigation "Seller desk":
        - list:
          - listitem:
            - link "Seller desk"
          - listitem:
            - link "Store"
          - listitem:
            - link "Listings"
          - listitem:
            - link "Analytics"
          - listitem:
            - link "Statements"
      - heading "Seller desk" [level=1]
      - link "New listing"
      - region "Last 30 days":
        - term: Calls and reports
        - term: Agreements
        - term: /Your share, .*/
        - term: Listings
      - region "Listings that changed last":
        - group "Listings that changed last":
          - table "Listings that changed last":
            - rowgroup:
              - row "Listing Kind State Changed"
    `);
  });

  test("the operator console reads as it should", async ({ page, platform }) => {
    await signIn(page, platform, "operator", "/operate");
    await settle(page, "/operate?lang=en");
    await expect(page.getByRole("main")).toMatchAriaSnapshot(`
      - navigation "Operator console"
      - heading "Overview" [level=1]
      - region "What waits for you":
        - list:
          - listitem:
            - link "Submissions to review"
          - listitem:
            - link "Ended periods to close"
          - listitem:
            - link "Drafted invoices"
          - listitem:
            - link "Unpaid invoices and credits"
          - listitem:
            - link "Open statements"
          - listitem:
            - link "Suspended organizations"
      - region "The market":
        - term: Organizations
        - term: Published listings
        - term: Agreements in force
      - region "Calls by day":
        - figure:
          - button "Show as table"
    `);
    await settle(page, `/operate/invoices/${invoice}?lang=en`);
    await expect(page.getByRole("main")).toMatchAriaSnapshot(`
      - navigation "Where this page is":
        - list:
          - listitem:
            - link "Invoices"
      - heading "Invoice" [level=1]
      - button "Void"
      - button "Book payment"
      - term: State
      - definition: Issued
      - region "Lines":
        - region "Invoice lines":
          - table:
            - rowgroup:
              - row "Line Free Value-added Exact charge Tax Amount"
            - rowgroup:
              - row /Usage.*characters 100 50 .*0\\.10/
      - region "Facts":
        - term: Frozen terms
        - definition: /Commission .*/
    `);
  });
});
