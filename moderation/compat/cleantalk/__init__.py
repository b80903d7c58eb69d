"""CleanTalk's API 2.0: check_message, check_newuser and send_feedback."""
