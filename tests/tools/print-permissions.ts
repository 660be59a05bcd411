/** `npm run permissions`: what each function is granted, and whether it uses it. */
import { printed, reportPermissions } from '../stack/permission-report';

process.stdout.write(printed(await reportPermissions()));
