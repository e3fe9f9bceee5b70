"""Make the Browser's screenshots of the docs from the managed server: `KGREC_HOME=… python docs/screenshots.py`.

Wants movielens with the predictions of `kgrec-gds predict --users all`.
"""

import importlib.util
from pathlib import Path

from kgrec_gds.database import queries
from kgrec_gds.explanations.neo4j_browser import browser_address

DOCS = Path(__file__).resolve().parent
DRIVER = DOCS.parent / "tests" / "integration" / "browser" / "conftest.py"
#: Picture -> ready query.
PICTURES = {
    "browser-why.png": "02_why_recommended",
    "browser-recommended.png": "01_recommended_to_a_user",
    "browser-predicted-beside-rated.png": "11_predicted_beside_rated",
}
#: Whose recommendations are shown, in place of user 1's.
USER = "502"
#: Until the drawing has come to rest.
MILLISECONDS = 6_000

specification = importlib.util.spec_from_file_location("neo4j_browser", DRIVER)
assert specification is not None
assert specification.loader is not None
driver = importlib.util.module_from_spec(specification)
specification.loader.exec_module(driver)

found = browser_address()
assert found.password_file is not None
with driver.browser_page(width=1240, height=700) as browser:
    browser.connect(found.address, Path(found.password_file).read_text().strip())
    browser.drop(Path(found.style))
    for name, query in PICTURES.items():
        browser.run(queries.load(f"browser/{query}").text.replace("WITH '1' AS", f"WITH '{USER}' AS"))
        browser.page.wait_for_selector("[data-testid=frame] svg g.node, [data-testid=frame] table tbody tr")
        browser.page.wait_for_timeout(MILLISECONDS)
        browser.page.screenshot(path=DOCS / name)
        print(f"{name}: {(DOCS / name).stat().st_size // 1000} kB")
