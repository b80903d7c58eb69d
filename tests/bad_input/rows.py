"""The rows of the bad-input corpus: which there are, and where those are tried that are in no table here."""

# The numbers as the specification gives them; it leaves some out.
ROWS = [
    *(1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 16, 17, 18, 20, 22, 23, 24, 25, 26, 28, 29, 30, 31, 33, 34),
    *(36, 37, 40, 41, 42, 43, 44, 45, 46, 49, 50, 51, 52, 53, 55, 56, 57, 58, 60, 63, 64, 67, 68, 69, 70),
    *(71, 73, 74, 75, 76, 78, 79, 81, 82, 84, 85, 86, 88, 89, 90, 91, 92),
]  # fmt: skip

_API, _ADMIN, _WIRE = "bad_input.test_api", "bad_input.test_admin", "bad_input.test_wire"
ELSEWHERE: dict[int, list[str]] = {
    16: [
        f"{_WIRE}::test_a_length_that_is_smaller_than_the_body_is_no_second_request",
        f"{_WIRE}::test_a_body_that_stops_short_of_its_length_is_given_up",
    ],
    17: [f"{_WIRE}::test_clients_that_send_a_byte_a_second_are_cut_off_and_others_answered_meanwhile"],
    30: ["api.test_submit::test_a_parent_of_another_site_reads_like_one_that_never_was"],
    31: [f"{_API}::test_a_thread_ends_at_its_depth"],
    73: ["api.test_submit::test_an_unusable_idempotency_key_is_refused"],
    74: ["api.test_submit::test_the_same_call_again_gives_the_same_comment"],
    75: [f"{_API}::test_the_same_call_twice_at_once_stores_one_comment"],
    76: [
        "architecture.test_tenancy::test_without_a_good_key_nothing_is_told",
        "architecture.test_tenancy::test_a_missing_a_wrong_and_a_revoked_key_cost_the_same",
    ],
    78: ["api.test_problems::test_unknown_addresses_are_problems_by_any_method"],
    79: ["architecture.test_tenancy::test_another_sites_keys_neither_see_nor_touch"],
    81: [f"{_API}::test_a_query_is_read_strictly"],
    82: ["api.test_problems::test_what_is_not_offered_says_what_is"],
    84: [f"{_API}::test_another_host_is_refused_or_ignored"],
    85: ["api.test_problems::test_browsers_get_json_too"],
    86: ["api.test_problems::test_unknown_addresses_are_problems_by_any_method"],
    88: ["api.test_cors::test_no_other_page_may"],
    92: [
        f"{_ADMIN}::test_after_logging_in_nobody_is_led_elsewhere",
        f"{_ADMIN}::test_a_post_without_the_token_is_refused",
        f"{_ADMIN}::test_no_page_of_the_admin_can_be_framed",
        f"{_ADMIN}::test_a_user_name_of_ten_kilobytes_is_refused",
    ],
}
# What the product does not have; the nearest thing that it has is tried instead.
NOT_HERE: dict[int, str] = {
    89: "There are no webhooks; a site's hosts, the only addresses that are typed in, are in test_admin.py.",
    90: "Nobody can write patterns; word and domain lists of the policy are tried in test_admin.py.",
    91: "There are no imports; the stream that `manage.py screen` reads is tried in test_streams.py.",
}
