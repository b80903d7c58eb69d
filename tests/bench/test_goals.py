from bench.goals import Goal, goal_rows

MORE = Goal("more", "abuse", ("one", "two"), "auc", 0.8, 0.9)
LESS = Goal("less", "own", ("all",), "held", 0.04, 0.01, is_less_better=True)
FOUND = {"abuse": {"one": {"auc": 0.7}, "two": {"auc": 0.8}}, "own": {"all": {"held": 0.03}}}


def test_a_goal_is_the_mean_of_its_sets_and_says_what_is_missing():
    value = MORE.measured(FOUND)
    assert value == 0.75
    assert round(MORE.missing(value), 3) == 0.05
    assert LESS.missing(0.03) == 0
    assert round(LESS.missing(0.05), 3) == 0.01


def test_a_set_without_a_figure_leaves_the_goal_unmeasured():
    assert MORE.measured({"abuse": {"one": {"auc": 0.7}, "two": {"auc": None}}}) is None
    assert MORE.measured({}) is None


def test_the_table_names_every_goal():
    lines = list(goal_rows({}, str))
    assert sum(line.count("not measured") for line in lines) == 18
    assert "manage.py evaluate" in lines[-1]
