//! Texts about ceremonies.

tegata_terminal::messages! {
    may_start(kind, policy) = "The {kind} ceremony may take place under policy {policy}.", "ポリシー{policy}の下で{kind}セレモニーを実施できます。";
    may_not_start(kind, policy, count) = "The {kind} ceremony cannot start under policy {policy}: {count} error(s).", "ポリシー{policy}の下で{kind}セレモニーは開始できません: エラー{count}件。";
    no_root(dir) = "There is no root in {dir}: checked as before the first ceremony.", "{dir}にルートがないため、初回セレモニー前として検査しました。";
    warning() = "warning", "警告";
    error() = "error", "エラー";
    step(id) = "step {id}", "手順{id}";
    line(number) = "line {number}", "{number}行目";
    remedy() = "what to do", "対処";
    verified(policy) = "Every rule of policy {policy} was kept.", "ポリシー{policy}のすべての規則が守られています。";
    violated(policy, count) = "{count} rule(s) of policy {policy} broken:", "ポリシー{policy}の規則違反{count}件:";
    keys_believed() = "No site file was given: the persons and their keys are believed as the record states them.", "サイトファイルがないため、人物と鍵は記録の記載どおりとみなしています。";
    previous_believed() = "No predecessor was given: the inventory at the start is believed.", "前回の状態がないため、開始時の在庫は記録の記載どおりとみなしています。";
    sandbox_record() = "SANDBOX: the record says that this was practice.", "サンドボックス: 練習の記録です。";
    written(file) = "Written: {file}", "書き出しました: {file}";
    scripts_written(count, dir) = "{count} scripts written to {dir}.", "{dir}に{count}件のスクリプトを書き出しました。";
    file() = "file", "ファイル";
    title() = "title", "表題";
    steps() = "steps", "手順数";
}
