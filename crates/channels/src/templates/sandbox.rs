//! Which templates are run at all.
//!
//! Fuel bounds instructions and most memory, but a list is repeated and nested for nothing, and turned
//! into text in one step that nobody pays for in advance. So a template may only go through the
//! lists that it is given: it cannot make, add or multiply any. Depth is bounded before anything
//! is parsed, because the parser, the compiler and this walk all call themselves.

use minijinja::{
    Error, ErrorKind,
    machinery::{
        Token,
        ast::{BinOpKind, CallArg, Expr, Stmt},
        parse, tokenize,
    },
};

/// How many `{% … %}` a template may have: a chain of `elif` is as deep as it is long.
const MAX_BLOCKS: usize = 300;

/// How many words and signs one `{{ … }}` or `{% … %}` may have.
const MAX_TOKENS: usize = 150;

/// Filters that make no more of what they get than fuel was checked for.
const FILTERS: &[&str] = &[
    "capitalize",
    "count",
    "d",
    "default",
    "e",
    "escape",
    "first",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "round",
    "title",
    "trim",
    "upper",
];

type Checked = Result<(), (usize, String)>;

/// Refuses what could take too much.
///
/// # Errors
/// The line, and what is wrong there.
pub(super) fn check(source: &str) -> Checked {
    check_size(source)?;
    let tree = parse(source, "template", Default::default()).map_err(|error| told(&error))?;
    check_stmt(&tree)
}

/// What an error of the engine says, and where.
pub(super) fn told(error: &Error) -> (usize, String) {
    let message = match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    };
    (error.line().unwrap_or(1), message)
}

fn check_size(source: &str) -> Checked {
    let (mut blocks, mut tokens) = (0, 0);
    for token in tokenize(source, false, Default::default()) {
        let (token, span) = match token {
            Ok(token) => token,
            // The parser says the same with its line.
            Err(error) if error.kind() == ErrorKind::SyntaxError => return Ok(()),
            Err(error) => return Err(told(&error)),
        };
        match token {
            Token::BlockStart => (blocks, tokens) = (blocks + 1, 0),
            Token::VariableStart => tokens = 0,
            _ => tokens += 1,
        }
        let line = span.start_line as usize;
        if blocks > MAX_BLOCKS {
            return Err((line, format!("there are more than {MAX_BLOCKS} blocks")));
        }
        if tokens > MAX_TOKENS {
            return Err((line, format!("an expression has more than {MAX_TOKENS} parts")));
        }
    }
    Ok(())
}

fn check_all(statements: &[Stmt<'_>]) -> Checked {
    statements.iter().try_for_each(check_stmt)
}

fn check_stmt(statement: &Stmt<'_>) -> Checked {
    match statement {
        Stmt::Template(template) => check_all(&template.children),
        Stmt::EmitRaw(_) => Ok(()),
        Stmt::EmitExpr(emit) => check_expr(&emit.expr),
        Stmt::ForLoop(for_loop) if !for_loop.recursive => {
            check_target(&for_loop.target)?;
            check_expr(&for_loop.iter)?;
            for_loop.filter_expr.as_ref().map_or(Ok(()), check_expr)?;
            check_all(&for_loop.body)?;
            check_all(&for_loop.else_body)
        }
        Stmt::IfCond(condition) => {
            check_expr(&condition.expr)?;
            check_all(&condition.true_body)?;
            check_all(&condition.false_body)
        }
        Stmt::Set(set) => {
            check_target(&set.target)?;
            check_expr(&set.expr)
        }
        other => Err((line_of(other), "only `for`, `if` and `set` may stand here".to_owned())),
    }
}

fn line_of(statement: &Stmt<'_>) -> usize {
    let span = match statement {
        Stmt::ForLoop(it) => it.span(),
        Stmt::WithBlock(it) => it.span(),
        Stmt::SetBlock(it) => it.span(),
        Stmt::AutoEscape(it) => it.span(),
        Stmt::FilterBlock(it) => it.span(),
        Stmt::Do(it) => it.span(),
        _ => return 1,
    };
    span.start_line as usize
}

fn check_target(target: &Expr<'_>) -> Checked {
    match target {
        Expr::Var(_) => Ok(()),
        other => Err((other.span().start_line as usize, "must be one name".to_owned())),
    }
}

fn check_expr(expr: &Expr<'_>) -> Checked {
    let refuse = |what: &str| Err((expr.span().start_line as usize, what.to_owned()));
    match expr {
        Expr::Var(_) | Expr::Const(_) => Ok(()),
        Expr::Slice(slice) => {
            check_expr(&slice.expr)?;
            let bounds = [&slice.start, &slice.stop, &slice.step];
            bounds.into_iter().flatten().try_for_each(check_expr)
        }
        Expr::UnaryOp(unary) => check_expr(&unary.expr),
        Expr::BinOp(binary) => {
            if matches!(binary.op, BinOpKind::Add | BinOpKind::Mul | BinOpKind::Pow) {
                return refuse("`+`, `*` and `**` are not there; `~` joins texts");
            }
            check_expr(&binary.left)?;
            check_expr(&binary.right)
        }
        Expr::Compare(compare) => {
            check_expr(&compare.expr)?;
            compare.ops.iter().try_for_each(|op| check_expr(&op.expr))
        }
        Expr::IfExpr(choice) => {
            check_expr(&choice.test_expr)?;
            check_expr(&choice.true_expr)?;
            choice.false_expr.as_ref().map_or(Ok(()), check_expr)
        }
        Expr::Filter(filter) => {
            if !FILTERS.contains(&filter.name) {
                return refuse(&format!("there is no filter `{}`", filter.name));
            }
            filter.expr.as_ref().map_or(Ok(()), check_expr)?;
            check_args(&filter.args)
        }
        Expr::Test(test) => {
            check_expr(&test.expr)?;
            check_args(&test.args)
        }
        Expr::GetAttr(get) => check_expr(&get.expr),
        Expr::GetItem(get) => {
            check_expr(&get.expr)?;
            check_expr(&get.subscript_expr)
        }
        Expr::Call(_) => refuse("nothing can be called"),
        Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => refuse("lists cannot be written here"),
    }
}

fn check_args(args: &[CallArg<'_>]) -> Checked {
    args.iter().try_for_each(|argument| match argument {
        CallArg::Pos(expr)
        | CallArg::Kwarg(_, expr)
        | CallArg::PosSplat(expr)
        | CallArg::KwargSplat(expr) => check_expr(expr),
    })
}
