"""What Kendal shows of letters beside what every institution does."""

from app.addon import after, extend_view, search_by

extend_view(
    "correspondence.Letter",
    after("letter_number", "kendal_srikandi_reference"),
    search_by("kendal_srikandi_reference"),
)
