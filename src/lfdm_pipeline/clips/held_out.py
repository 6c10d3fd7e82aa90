"""Who is seen in test clips: what scores are worth follows from whether training has seen them, too."""

import pandas as pd

NAMED = 5


def shared_subjects(table: pd.DataFrame) -> list[str]:
    """Subjects of test clips that are in training clips, too, by name."""
    by_split = {split: set(rows["subject"]) for split, rows in table.groupby("split")}
    return sorted(by_split.get("test", set()) & by_split.get("train", set()))


def subjects_are_known(table: pd.DataFrame) -> bool:
    """Whether the table tells who is seen: where nobody has two clips, each was taken for a subject of its own."""
    return bool(table["subject"].duplicated().any())


def about_tests(table: pd.DataFrame) -> str:
    """What holds of all test clips of a clip table, in a sentence; empty where there are none."""
    subjects = table.loc[table["split"] == "test", "subject"].nunique()
    if subjects == 0:
        return ""
    if not subjects_are_known(table):
        return "The test clips were not used in training; whether training clips show the same subjects is not known."
    if shared := shared_subjects(table):
        names = ", ".join(shared[:NAMED]) + (", …" if len(shared) > NAMED else "")
        which = "the subject in them" if subjects == 1 else f"of the {subjects} subjects in them {len(shared)}"
        verb = "is" if len(shared) == 1 else "are"
        return f"The test clips were not used in training, but {which} {verb} in training clips, too: {names}."
    return "The test clips show subjects that are in no training clip."


def about_subject(table: pd.DataFrame, subject: str) -> str:
    """What holds of one test subject of a clip table, in a sentence; empty where the subject is not in it."""
    splits = set(table.loc[table["subject"] == subject, "split"])
    if not splits:
        return ""
    if not subjects_are_known(table):
        return "The clip that the picture is from was not used in training."
    if "train" in splits:
        return "The picture is from a clip that was not used in training, but other clips of this subject were."
    return "This subject is in no training clip."
