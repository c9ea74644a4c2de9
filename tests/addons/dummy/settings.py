"""What an institution decides about dummy."""

from app.addon import declare_setting
from app.addon import lazy_gettext as _l

declare_setting("dummy.greeting", "text", "", _l("Dummy greeting"))
