use domain::campaign::Field;
use domain::campaign::view::{AskView, FormText, FormView};
use domain::consent::EMAIL_MARKETING;

use super::first_step_html;

fn view() -> FormView {
    FormView {
        campaign: "hello".into(),
        asks: vec![AskView { permission: EMAIL_MARKETING, wording: "News & <offers>".into() }],
        steps: vec![vec![Field::GivenName]],
        privacy: Some("/privacy".into()),
        reveals_at_once: false,
        before_click: false,
        text: FormText {
            title: "Hello".into(),
            body: "Who are you?".into(),
            email_label: "Address".into(),
            email_placeholder: "name@example.com".into(),
            asks_label: "If you like:".into(),
            submit: "Send".into(),
            small: "Small print.".into(),
            privacy: "Privacy".into(),
            close: "Close".into(),
            done_title: "Look into your inbox".into(),
            done_body: "There is a letter.".into(),
            code_title: "Your code".into(),
            code_body: "Type it at the checkout.".into(),
            copy: "Copy".into(),
            ..FormText::default()
        },
    }
}

/// The markup is what the loader works on; a change here is a change of the contract with it.
#[test]
fn the_first_step_is_drawn_with_everything_the_loader_looks_for() {
    let html = concat!(
        r#"<div data-rp="form" class="rp-card">"#,
        r#"<button type="button" data-close="" aria-label="Close" class="rp-close"></button>"#,
        r#"<form method="post" novalidate="novalidate">"#,
        r#"<h2 id="rp-hello-title" tabindex="-1">Hello</h2><p class="rp-body">Who are you?</p>"#,
        r#"<div class="rp-ask"><label for="rp-hello-email">Address</label>"#,
        r#"<input value="" id="rp-hello-email" name="email" inputmode="email" autocomplete="email" autocapitalize="none" "#,
        r#"spellcheck="false" enterkeyhint="send" dir="ltr" placeholder="name@example.com" required="required">"#,
        r#"<p data-error="email" id="rp-hello-email-error" aria-live="polite" hidden="hidden" class="rp-error"></p></div>"#,
        r#"<div class="rp-more"><fieldset><legend>If you like:</legend>"#,
        r#"<label class="rp-tick"><input value="email.marketing" type="checkbox" name="allow">"#,
        r#"<span>News &amp; &lt;offers&gt;</span></label></fieldset>"#,
        r#"<input name="website" tabindex="-1" autocomplete="off" aria-hidden="true" class="rp-trap">"#,
        r#"<p data-error="" role="alert" hidden="hidden" class="rp-error"></p>"#,
        r#"<button type="submit" class="rp-go">Send</button>"#,
        r#"<p class="rp-small">Small print. <a href="/privacy" target="_blank" rel="noopener">Privacy</a></p>"#,
        r#"</div></form></div>"#,
        r#"<div data-rp="done" hidden="hidden" class="rp-card">"#,
        r#"<button type="button" data-close="" aria-label="Close" class="rp-close"></button>"#,
        r#"<h2 tabindex="-1">Look into your inbox</h2><p class="rp-body">There is a letter.</p>"#,
        r#"<output data-code="" hidden="hidden" class="rp-code"></output>"#,
        r#"<button type="button" data-copy="" hidden="hidden" class="rp-go">Copy</button>"#,
        r#"<p role="status" class="rp-trap"></p>"#,
        r#"<button type="button" data-close="" class="rp-skip">Close</button></div>"#,
    );
    assert_eq!(first_step_html(&view()), html);
}

#[test]
fn no_permission_is_ticked_beforehand_and_nothing_needs_inline_style() {
    let html = first_step_html(&view());
    assert!(!html.contains("checked"));
    assert!(!html.contains("style="));
    assert!(!html.contains("<script"));
}

#[test]
fn a_code_that_comes_at_once_is_announced_as_one() {
    let html = first_step_html(&FormView { reveals_at_once: true, ..view() });
    assert!(html.contains("Your code") && !html.contains("inbox"));
}

#[test]
fn who_asks_for_no_permission_and_links_nowhere_has_neither() {
    let html = first_step_html(&FormView { asks: Vec::new(), privacy: None, ..view() });
    assert!(!html.contains("<fieldset") && !html.contains("<a "));
}
