//! Texts about persons and their credentials.

tegata_terminal::messages! {
    ask_password(handle) = "{handle}: password, at least 12 characters (not shown): ", "{handle}: パスワード（12文字以上、表示されません）: ";
    ask_again(handle) = "{handle}: the same again: ", "{handle}: もう一度入力: ";
    ask_present_password(handle) = "{handle}: the present password (not shown): ", "{handle}: 現在のパスワード（表示されません）: ";
    ask_pin() = "PIN of the person's token (not shown): ", "要員のトークンのPIN（表示されません）: ";
    renewed(handle, file) = "The credential of {handle} is renewed: {file}. The key is the same.", "{handle}の認証情報を更新しました: {file}。鍵は変わりません。";
    secret_made(uri) = "New secret made on the token: {uri}", "トークンに秘密を作成しました: {uri}";
    factor_made(file) = "New key file made: {file}. It belongs on the person's own stick, in its own bag.", "鍵ファイル{file}を作成しました。本人専用の媒体に保管し、専用の封印袋に入れてください。";
    enrolled(handle, file) = "{handle} is enrolled: {file}", "{handle}を登録しました: {file}";
    person() = "person", "要員";
    public_key() = "key for the site file", "サイトファイル用の公開鍵";
    words() = "its SHA-256 in words", "SHA-256の単語表記";
    factor() = "second factor", "第二要素";
    since() = "enrolled", "登録日時";
    password_age() = "password set", "パスワード設定";
    days_ago(days) = "{days} days ago", "{days}日前";
    fit_for() = "fit for", "用途";
    production() = "production", "本番";
    sandbox() = "SANDBOX only", "練習専用";
    nobody() = "Nobody is enrolled yet: tegata-root person enrol", "登録された要員はまだいません: tegata-root person enrol";
    site_entry() = "In the site file:", "サイトファイルへの記載:";
}
