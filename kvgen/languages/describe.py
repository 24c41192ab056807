"""The languages, in the order in which people are shown them."""

from collections.abc import Mapping

from kvgen.languages.go.describe import GO
from kvgen.languages.javascript.describe import JAVASCRIPT
from kvgen.languages.language import Language
from kvgen.languages.python.describe import PYTHON
from kvgen.languages.typescript.describe import TYPESCRIPT

LANGUAGES = (JAVASCRIPT, TYPESCRIPT, PYTHON, GO)
#: Documentation leads with TypeScript, as the platform's own does.
ON_PAGES = (TYPESCRIPT, JAVASCRIPT, PYTHON, GO)

BY_NAME: Mapping[str, Language] = {language.name: language for language in LANGUAGES}
